// A running Shiren with data of its own, and a browser whose camera shows a photograph.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:net";
import { chromium } from "playwright-core";

const binary = process.env.SHIREN ?? new URL("../target/debug/shiren", import.meta.url).pathname;
const data = process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share");
export const models = process.env.SHIREN_MODELS ?? join(data, "shiren/models");

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/**
 * Starts the service on a free port; `stop` ends it.
 * @param {(folder: string) => { platform?: string, work?: string, sections?: string }} [more] lines for sections of the configuration
 */
export async function begin(more = () => ({})) {
  const folder = mkdtempSync(join(tmpdir(), "shiren-e2e-"));
  const port = await freePort();
  const config = join(folder, "shiren.toml");
  const { platform = "", work = "", sections = "" } = more(folder);
  writeFileSync(config, `[server]\nlisten = "127.0.0.1:${port}"\n[data]\nfolder = "${folder}/data"\n[platform]\nhome = "https://market.example/"\nphone = "400-000-0000"\n${platform}\n[work]\n${work}\n[log]\nlevel = "warn"\n${sections}\n`);
  const shiren = (...args) => execFileSync(binary, args, { stdio: ["ignore", "pipe", "ignore"] }).toString();
  const key = shiren("admin", "--config", config, "create-key", "e2e").trim();
  const liveKey = shiren("admin", "--config", config, "create-key", "e2e-live", "--mode", "live").trim();
  const password = "a password for tests only";
  for (const login of ["reviewer", "colleague"]) {
    execFileSync(binary, ["admin", "--config", config, "create-user", login], { input: `${password}\n`, stdio: ["pipe", "ignore", "ignore"] });
  }
  const server = spawn(binary, ["serve", "--config", config], { stdio: ["ignore", "inherit", "inherit"] });
  const url = `http://localhost:${port}`;
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
    if (ready) break;
    if (tries > 200) throw new Error("the service does not get ready");
    await new Promise((r) => setTimeout(r, 50));
  }
  const specimen = join(folder, "specimen");
  shiren("specimen", "--portrait", join(models, "samples/obama.jpg"), "--sex", "m", "--age", "48", "--seed", "3", "--out", specimen, "--photograph");
  const truth = JSON.parse(readFileSync(join(specimen, "truth.json")));
  return {
    url,
    password,
    front: join(specimen, "id-front-photo.jpg"),
    back: join(specimen, "id-back-photo.jpg"),
    licence: join(specimen, "business-licence-photo.jpg"),
    fields: truth.documents.find((d) => d.kind === "cn-id-front").fields,
    company: truth.documents.find((d) => d.kind === "business-licence").fields,
    /** A fresh session's link, and its id. */
    async session(shop, more = {}, mode = "test") {
      const answer = await this.api("POST", "/v1/verification_sessions", { program: "shop-owner", account: { kind: "shop", id: shop }, ...more }, mode);
      return { id: answer.id, link: answer.link.url };
    },
    async api(method, path, body, mode = "test") {
      const headers = { authorization: `Bearer ${mode === "live" ? liveKey : key}`, "content-type": "application/json" };
      const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
      if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
      return response.json();
    },
    stop() {
      server.kill("SIGTERM");
      return new Promise((resolve) => server.once("exit", resolve));
    },
  };
}

/** A browser whose camera shows a photograph for ever. */
export async function browser(photograph) {
  const film = join(mkdtempSync(join(tmpdir(), "shiren-film-")), "film.mjpeg");
  const frame = readFileSync(photograph);
  writeFileSync(film, Buffer.concat([frame, frame, frame, frame]));
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`],
  });
}
