// Signs which account is signed in, with Node's own crypto. The private key stays on your server; your app asks it for a
// fresh assertion each time it opens a link, and never keeps one.
import { createPublicKey, randomUUID, sign } from "node:crypto";

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The public half, as `[platform] assertion_keys` takes it. @param {import("node:crypto").KeyObject} privateKey */
export function keySet(privateKey, kid) {
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  return { keys: [{ ...jwk, kid, alg: "EdDSA", use: "sig" }] };
}

/**
 * An assertion that counts for two minutes, and once.
 * @param {import("node:crypto").KeyObject} privateKey Ed25519
 * @param {{ issuer: string, audience: string, mode: "test" | "live", kind: "shop" | "staff" | "buyer", account: string,
 *   main?: string, administrator?: string }} who `main`: the shop of a sub-account; `administrator`: whose phone it is
 *   when it is not the sub-account's own user's
 */
export function accountAssertion(privateKey, kid, who) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: who.issuer,
    aud: who.audience,
    sub: who.account,
    kind: who.kind,
    main: who.main,
    mode: who.mode,
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    act: who.administrator && { sub: who.administrator },
  };
  const said = `${encoded({ alg: "EdDSA", typ: "JWT", kid })}.${encoded(claims)}`;
  return `${said}.${sign(null, Buffer.from(said), privateKey).toString("base64url")}`;
}
