// What the official `openai` Node SDK does against a gateway: `node scenarios.mjs URL NAME` runs one of them.
import assert from "node:assert/strict";
import OpenAI from "openai";

const question = "What is the weather in Paris?";
const messages = [{ role: "user", content: question }];
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: {
        type: "object",
        properties: { city: { type: "string", enum: ["Paris"] } },
        required: ["city"],
      },
    },
  },
];

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  return text;
}

const scenarios = {
  async plain(client) {
    const answer = await client.chat.completions.create({ model: "lab/echo", messages });
    assert.equal(answer.choices[0].message.content, question);
    assert.equal(answer.usage.completion_tokens, 6);
  },

  async stream(client) {
    const stream = await client.chat.completions.create({ model: "lab/echo", messages, stream: true });
    assert.equal(await textOf(stream), question);
  },

  async separators(client) {
    const text = "a\u2028b\u2029c\u0085d\u000be\u000cf 漢字 🙂";
    const asked = [{ role: "user", content: text }];
    const stream = await client.chat.completions.create({ model: "lab/echo", messages: asked, stream: true });
    assert.equal(await textOf(stream), text);
  },

  async tools(client) {
    const first = await client.chat.completions.create({ model: "lab/tools", messages, tools });
    const call = first.choices[0].message.tool_calls[0];
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Paris" });
    const result = { role: "tool", tool_call_id: call.id, content: "sunny" };
    const turn = [...messages, first.choices[0].message, result];
    const second = await client.chat.completions.create({ model: "lab/tools", messages: turn, tools });
    assert.match(second.choices[0].message.content, /sunny/);
  },

  async streamedTools(client) {
    const stream = client.chat.completions.stream({ model: "lab/tools", messages, tools });
    const message = await stream.finalMessage();
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: "Paris" });
    assert.equal((await stream.finalChatCompletion()).choices[0].finish_reason, "tool_calls");
  },

  async usage(client) {
    const stream = client.chat.completions.stream({
      model: "lab/echo",
      messages,
      stream_options: { include_usage: true },
    });
    assert.equal((await stream.totalUsage()).total_tokens, 12);
  },

  async headers(client) {
    const { data, response, request_id } = await client.chat.completions
      .create({ model: "lab/echo", messages }, { headers: { "x-request-id": "ticket-4711" } })
      .withResponse();
    assert.equal(data.choices[0].finish_reason, "stop");
    assert.equal(request_id, "ticket-4711");
    assert.equal(response.headers.get("x-gateway-provider"), "lab");
    assert.ok(response.headers.get("x-decision-id"));
  },

  async models(client) {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes("lab/echo"));
    assert.equal((await client.models.retrieve("lab/echo")).owned_by, "lab");
  },

  async errors(client) {
    const ask = (model) => client.chat.completions.create({ model, messages });
    await assert.rejects(ask("gpt-unknown"), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.equal(error.code, "model_not_found");
      assert.equal(error.param, "model");
      return true;
    });
    await assert.rejects(ask("lab/400"), OpenAI.BadRequestError);
    await assert.rejects(ask("lab/500"), OpenAI.InternalServerError);
  },

  async cut(client) {
    const stream = await client.chat.completions.create({ model: "lab/cut@2", messages, stream: true });
    const words = [];
    await assert.rejects(
      async () => {
        for await (const chunk of stream) words.push(chunk.choices[0].delta.content);
      },
      (error) => error instanceof OpenAI.APIError && error.code === "stream_truncated",
    );
    assert.deepEqual(words, ["", "lorem", " ipsum"]);
  },

  async abort(client) {
    const stream = await client.chat.completions.create({
      model: "lab/lorem+pace=20ms",
      messages,
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
    assert.ok(stream.controller.signal.aborted);
    const next = await client.chat.completions.create({ model: "lab/echo", messages });
    assert.equal(next.choices[0].message.content, question);
  },

  async atOnce(client) {
    const texts = Array.from({ length: 16 }, (_, n) => `number ${n} `.repeat(20));
    const answers = await Promise.all(
      texts.map(async (content) =>
        textOf(
          await client.chat.completions.create({
            model: "lab/echo+pace=1ms",
            messages: [{ role: "user", content }],
            stream: true,
          }),
        ),
      ),
    );
    assert.deepEqual(answers, texts);
  },
};

const [url, name] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 });
await scenarios[name](client);
console.log(`${name}: as it should be`);
