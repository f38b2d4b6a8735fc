// <django-poll src="https://polls.example/polls/ID/"></django-poll>: a poll of another site, as high as it needs to be.
// Load it by <script defer src="...">: a module of another site would need that site's leave. It is all that the page
// needs. What stands inside the element is shown where scripts do not run.

{
  const SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox";
  const FIRST_HEIGHT = 360;
  const MOST_HIGH = 20_000;

  class DjangoPoll extends HTMLElement {
    static observedAttributes = ["src", "title"];

    #frame = null;
    #origin = "";

    // Only what this very frame says counts, and only while it shows a page of the polls' site.
    #hear = ({ source, origin, data }) => {
      if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#origin) return;
      if (data?.type !== "django-polls:height") return;
      const height = Number(data.height);
      if (height > 0 && height <= MOST_HIGH) this.#frame.height = Math.ceil(height);
    };

    connectedCallback() {
      addEventListener("message", this.#hear);
      this.#show();
    }

    disconnectedCallback() {
      removeEventListener("message", this.#hear);
    }

    attributeChangedCallback(name) {
      if (!this.isConnected) return;
      if (name === "title" && this.#frame) this.#frame.title = this.#name();
      else if (name === "src") this.#show();
    }

    #name() {
      return this.getAttribute("title") || this.textContent.trim() || "Poll";
    }

    #address() {
      try {
        const page = new URL(this.getAttribute("src") ?? "", document.baseURI);
        if (!["http:", "https:"].includes(page.protocol) || !this.getAttribute("src")) return null;
        page.pathname = `${page.pathname.replace(/\/?$/, "/")}embed/`;
        return page;
      } catch {
        return null;
      }
    }

    #show() {
      const address = this.#address();
      this.#origin = address?.origin ?? "";
      this.#frame = address && Object.assign(document.createElement("iframe"), {
        title: this.#name(), width: "100%", height: FIRST_HEIGHT, loading: "lazy", referrerPolicy: "no-referrer",
      });
      if (!address) return this.shadowRoot?.replaceChildren(document.createElement("slot"));
      this.#frame.setAttribute("sandbox", SANDBOX);
      Object.assign(this.#frame.style, { border: "0", display: "block" });
      Object.assign(this.style, { display: "block" });
      this.#frame.src = address.href;
      (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(this.#frame);
    }
  }

  if (!customElements.get("django-poll")) customElements.define("django-poll", DjangoPoll);
}
