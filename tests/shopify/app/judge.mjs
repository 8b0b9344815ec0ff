// What Shopify's library for Node says of proofs: cases as JSON on stdin, one verdict each as JSON on stdout.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , modules, name] = process.argv;
const require = createRequire(pathToFileURL(`${modules}/`));
const load = async (what) => import(pathToFileURL(require.resolve(`${name}${what}`)).href);
await load("/adapters/node");
const { shopifyApi, LogSeverity } = await load("");

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { clientId, secret, cases } = JSON.parse(Buffer.concat(chunks));
const shopify = shopifyApi({
  apiKey: clientId,
  apiSecretKey: secret,
  apiVersion: "2026-07",
  hostName: "app.example",
  isEmbeddedApp: true,
  scopes: [],
  logger: { level: LogSeverity.Error, log: () => {} },
});
const judges = {
  session: async ({ token }) => Boolean(await shopify.session.decodeSessionToken(token)),
  proxy: async ({ query }) =>
    shopify.utils.validateHmac(Object.fromEntries(new URLSearchParams(query)), { signator: "appProxy" }),
  callback: async ({ query }) => shopify.utils.validateHmac(Object.fromEntries(new URLSearchParams(query))),
};
const verdicts = [];
for (const one of cases) {
  try {
    verdicts.push(await judges[one.kind](one));
  } catch {
    verdicts.push(false);
  }
}
process.stdout.write(JSON.stringify(verdicts));
