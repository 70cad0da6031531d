"""Maps the card's folders (`src/domain`, …) to the import name `llm_gateway`.

`packages` is computed: with a `package_dir` mapping, automatic discovery finds
nothing and the wheel would be empty without an error.
"""

from setuptools import find_packages, setup

setup(
    package_dir={"llm_gateway": "src"},
    packages=["llm_gateway", *(f"llm_gateway.{name}" for name in find_packages("src"))],
)
