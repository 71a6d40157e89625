// @ts-check
// The yellow strip (小黄条) for a page of the marketplace's own:
//
//   <script type="module" src="https://verify.example/embed/strip.js"></script>
//   <shiren-strip src="/my/strip" href="/my/verification"></shiren-strip>
//
// `src` is an address of the marketplace that answers what GET /v1/staff/{id}/banner says; the key stays on its server.
// `href` is where the person goes to verify. It says nothing while there is nothing to say.

const KINDS = {
  info: ["ℹ", "#0b4f6c", "#e3f1f8", "#bfe3f5", "#12303d"],
  due: ["⏰", "#6b4a00", "#fff3c4", "#f2d479", "#35290a"],
  overdue: ["⚠", "#7a3200", "#ffe3c2", "#f7b97c", "#3d230c"],
  frozen: ["🔒", "#8c1d18", "#fde3e0", "#ff9a8f", "#3b1614"],
};
const VERIFY = { zh: "去认证", en: "Verify now" };
const AGAIN = { zh: "去复核", en: "Verify again" };

const look = new CSSStyleSheet();
look.replaceSync(`
:host { display: block; }
:host([hidden]) { display: none; }
p { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; margin: 0; padding: 8px 16px; font: 15px/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; overflow-wrap: anywhere; }
span { flex: 1 1 200px; min-width: 0; }
a { display: inline-flex; align-items: center; min-height: 44px; padding: 0 4px; color: inherit; font-weight: 600; }
a:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
${Object.entries(KINDS).map(([kind, [, ink, ground]]) => `.${kind} { color: ${ink}; background: ${ground}; }`).join("\n")}
@media (prefers-color-scheme: dark) {
${Object.entries(KINDS).map(([kind, [, , , ink, ground]]) => `.${kind} { color: ${ink}; background: ${ground}; }`).join("\n")}
}`);

class Strip extends HTMLElement {
  static observedAttributes = ["src", "href", "lang"];

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [look];
    this.hidden = true;
    this.asked = 0;
  }

  attributeChangedCallback() {
    if (this.isConnected) this.refresh();
  }

  connectedCallback() {
    this.refresh();
  }

  /** Asks again: after a verification, or from time to time. */
  async refresh() {
    const turn = ++this.asked;
    const src = this.getAttribute("src");
    const said = src && (await fetch(src, { headers: { accept: "application/json" } }).then((r) => (r.ok ? r.json() : null), () => null));
    if (turn === this.asked) this.say(said);
  }

  /** @param {{ urgency?: keyof typeof KINDS | null, demand?: string | null, text?: { zh: string, en: string } | null } | null | undefined | ""} said */
  say(said) {
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const kind = said && said.urgency && KINDS[said.urgency] ? said.urgency : null;
    if (!said || !kind || !said.text) {
      this.hidden = true;
      root.replaceChildren();
      return;
    }
    const tongue = (this.lang || document.documentElement.lang || "zh").toLowerCase().startsWith("en") ? "en" : "zh";
    const line = document.createElement("p");
    line.className = kind;
    line.setAttribute("role", kind === "frozen" ? "alert" : "status");
    const icon = document.createElement("b");
    icon.setAttribute("aria-hidden", "true");
    icon.textContent = KINDS[kind][0];
    const text = document.createElement("span");
    text.textContent = said.text[tongue];
    line.append(icon, text);
    const href = this.getAttribute("href");
    if (href) {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = (said.demand === "recheck" ? AGAIN : VERIFY)[tongue];
      line.append(link);
    }
    root.replaceChildren(line);
    this.hidden = false;
  }
}

if (!customElements.get("shiren-strip")) customElements.define("shiren-strip", Strip);

export {};
