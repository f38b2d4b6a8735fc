// What makes polls quicker to use where scripts run. Everything works without it, and it decides nothing.

const each = (root, selector, enhance) => root.querySelectorAll(selector).forEach((found) => enhance(found));
const words = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const tool = (label, sign) => {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "polls-tool", textContent: sign });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", (event) => {
    if (button.getAttribute("aria-disabled") === "true") event.stopImmediatePropagation();
  });
  return button;
};
// Not by `disabled`, which would take the focus away from whoever is pressing the button.
const allow = (button, isAllowed) => button.setAttribute("aria-disabled", String(!isAllowed));

// A form is sent once, however often its button is pressed, unless no answer comes; the server counts once in any case.
const sendOnce = (form) => {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < 5_000 && sentAt) event.preventDefault();
    else sentAt = event.timeStamp;
  });
  addEventListener("pageshow", () => { sentAt = 0; });
};

// Checkboxes: how many are chosen, and no more than may be. What is said instead excludes them.
const limitChoices = (list) => {
  const most = Number(list.dataset.pollsChoose) || Infinity;
  const boxes = [...list.querySelectorAll("input")];
  const told = list.parentElement.querySelector("[data-polls-chosen]");
  const tell = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    boxes.forEach((box) => { box.disabled = !box.checked && chosen >= most; });
    told.textContent = words(told.dataset.pollsChosen, { chosen: most < Infinity ? `${chosen} / ${most}` : chosen });
  };
  ["change", "polls:said"].forEach((event) => list.addEventListener(event, tell));
  tell();
};

const excludeWords = (ballot) => {
  const said = [...ballot.querySelectorAll("input[name=word]")];
  said.forEach((word) => word.addEventListener("change", () => {
    if (!word.checked) return;
    said.filter((other) => other !== word).forEach((other) => { other.checked = false; });
    each(ballot, "input[name=option]", (box) => { box.checked = false; box.disabled = false; });
    each(ballot, "input[type=number], select", (field) => { field.value = ""; });
    each(ballot, "input[type=radio][value='']", (none) => { none.checked = true; });
    each(ballot, "[data-polls-choose], [data-polls-points], [data-polls-ranking]", (list) => list.dispatchEvent(new Event("polls:said")));
  }));
  const unsay = ({ target }) => {
    if (target.name !== "word") said.forEach((word) => { word.checked = false; });
  };
  if (said.length) ["change", "input", "polls:moved"].forEach((event) => ballot.addEventListener(event, unsay));
};

// Points: how many are left.
const countPoints = (list) => {
  const inputs = [...list.querySelectorAll("input")];
  const told = list.querySelector("[data-polls-left]");
  const tell = () => {
    const points = Number(list.dataset.pollsPoints) - inputs.reduce((sum, input) => sum + (Number(input.value) || 0), 0);
    told.textContent = words(told.dataset.pollsLeft, { points });
    told.classList.toggle("is-over", points < 0);
  };
  ["input", "polls:said"].forEach((event) => list.addEventListener(event, tell));
  tell();
};

// A ranking: options are moved by buttons or dragged, and the selects, which are what is sent, follow.
const rank = (list) => {
  const rows = [...list.children];
  const announced = list.parentElement.querySelector("[data-polls-announce]");
  const most = rows[0].querySelector("select").options.length - 1;
  const place = (row) => Number(row.querySelector("select").value) || Infinity;
  const ranked = () => [...list.children].filter((row) => !row.classList.contains("is-out"));

  const number = () => {
    const order = ranked();
    [...list.children].forEach((row) => {
      const index = order.indexOf(row);
      const { up, down, out, badge, select } = row.parts;
      select.value = index < 0 ? "" : index + 1;
      badge.textContent = index < 0 ? "" : index + 1;
      up.hidden = down.hidden = index < 0;
      allow(up, index > 0);
      allow(down, index < order.length - 1);
      out.textContent = index < 0 ? "+" : "×";
      out.setAttribute("aria-label", words(index < 0 ? list.dataset.in : list.dataset.out, { option: row.name }));
      allow(out, index >= 0 || order.length < most);
    });
  };
  const tell = (row) => {
    const index = ranked().indexOf(row);
    const pattern = index < 0 ? list.dataset.unplaced : list.dataset.placed;
    announced.textContent = words(pattern, { option: row.name, place: index + 1 });
  };
  const settle = (row, button) => {
    number();
    tell(row);
    list.dispatchEvent(new Event("polls:moved", { bubbles: true }));
    button?.focus();
  };
  const put = (row, before) => {
    list.insertBefore(row, before ?? null);
    if (ranked().length > most) ranked().at(-1).classList.add("is-out");
    [...list.children].filter((other) => other.classList.contains("is-out")).forEach((other) => list.append(other));
  };

  rows.sort((one, other) => place(one) - place(other) || 0).forEach((row) => {
    row.name = row.querySelector("label").textContent.trim();
    const select = row.querySelector("select");
    const badge = Object.assign(document.createElement("span"), { className: "polls-rank-place" });
    const up = tool(words(list.dataset.up, { option: row.name }), "↑");
    const down = tool(words(list.dataset.down, { option: row.name }), "↓");
    const out = tool("", "×");
    row.parts = { select, badge, up, down, out };
    row.classList.toggle("is-out", place(row) === Infinity);
    row.draggable = true;
    row.prepend(badge);
    row.append(up, down, out);
    up.addEventListener("click", () => { list.insertBefore(row, row.previousElementSibling); settle(row, up); });
    down.addEventListener("click", () => { list.insertBefore(row.nextElementSibling, row); settle(row, down); });
    out.addEventListener("click", () => {
      const isOut = row.classList.toggle("is-out");
      put(row, isOut ? null : list.querySelector(".is-out"));
      settle(row, out);
    });
    row.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", row.name);
      event.dataTransfer.effectAllowed = "move";
      row.classList.add("is-dragged");
    });
    row.addEventListener("dragend", () => row.classList.remove("is-dragged"));
    list.append(row);
  });
  list.addEventListener("dragover", (event) => { if (list.querySelector(".is-dragged")) event.preventDefault(); });
  list.addEventListener("drop", (event) => {
    const row = list.querySelector(".is-dragged");
    const target = event.target.closest(".polls-rank");
    if (!row || !target || row === target) return;
    event.preventDefault();
    const { top, height } = target.getBoundingClientRect();
    row.classList.remove("is-out");
    put(row, event.clientY < top + height / 2 ? target : target.nextElementSibling);
    settle(row);
  });
  list.addEventListener("polls:said", () => {
    [...list.children].forEach((row) => row.classList.add("is-out"));
    number();
  });
  list.classList.add("is-live");
  number();
};

// Rounds, one at a time.
const stepThrough = (section, first) => {
  const steps = [...section.querySelectorAll(".polls-step")];
  if (steps.length < 2) return;
  let shown = 0;
  const back = tool(section.dataset.previous, "‹");
  const on = tool(section.dataset.next, "›");
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  const bar = document.createElement("p");
  bar.className = "polls-buttons";
  bar.append(back, told, on);
  const show = (step) => {
    shown = Math.max(0, Math.min(step, steps.length - 1));
    steps.forEach((each, index) => each.classList.toggle("is-shown", index === shown));
    told.textContent = `${shown + 1} / ${steps.length}`;
    allow(back, shown > 0);
    allow(on, shown < steps.length - 1);
  };
  back.addEventListener("click", () => show(shown - 1));
  on.addEventListener("click", () => show(shown + 1));
  section.querySelector("h3").after(bar);
  section.classList.add("is-live");
  show(first);
  section.querySelector("ol").setAttribute("aria-live", "polite");
};

// Times in the reader's own zone, beside the poll's.
const tellTime = (time) => {
  const at = new Date(time.dateTime);
  const language = document.documentElement.lang || undefined;
  const text = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (time.nextElementSibling?.textContent.includes(zone) || time.dataset.told) return;
  time.dataset.told = "yes";
  time.nextElementSibling?.append(`; ${words(time.dataset.pollsTime, { time: text })}`);
};

// Results of an open poll: asked for again while somebody looks, by a validator, so that what is known is not sent again.
const SOONEST = 4_000;
const LATEST = 60_000;
const keepFresh = (section) => {
  const piece = section.querySelector("[data-polls-piece]");
  const plain = (text) => new DOMParser().parseFromString(text, "text/html").body.innerHTML.trim();
  let [wait, timer, known, isOpen] = [SOONEST, 0, piece.innerHTML.trim(), true];
  const ask = async () => {
    if (!section.isConnected || document.hidden) return;
    try {
      const answer = await fetch(section.dataset.pollsLive, { cache: "no-cache", credentials: "same-origin" });
      const text = answer.ok ? plain(await answer.text()) : known;
      isOpen = !answer.ok || answer.headers.get("X-Poll-Status") === "open";
      wait = text === known ? Math.min(wait * 1.5, LATEST) : SOONEST;
      if (text !== known) replace(piece, text);
      known = text;
    } catch {
      wait = LATEST;
    }
    if (isOpen) timer = setTimeout(ask, wait);
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    wait = SOONEST;
    if (isOpen) ask();
  });
  timer = setTimeout(ask, SOONEST);
};
const replace = (piece, text) => {
  const open = new Map([...piece.querySelectorAll("details")].map((each) => [each.dataset.key, each.open]));
  const stops = () => [...piece.querySelectorAll("summary, button, [tabindex]")];
  const focused = stops().indexOf(document.activeElement);
  const round = [...piece.querySelectorAll(".polls-step")].findIndex((step) => step.classList.contains("is-shown"));
  const page = new DOMParser().parseFromString(text, "text/html");
  piece.replaceChildren(...page.body.childNodes);
  each(piece, "details", (found) => { found.open = open.get(found.dataset.key) ?? found.open; });
  enhance(piece, round);
  if (focused >= 0) stops()[focused]?.focus({ preventScroll: true });
};

// The form of a poll: only what its method has a use for, and options that are moved and added in place.
const suitMethod = (form) => {
  const method = form.querySelector("[name=method]");
  const suit = () => each(form, "[data-methods]", (section) => {
    const methods = section.dataset.methods.split(" ").filter(Boolean);
    section.hidden = methods.length > 0 && !methods.includes(method.value) && !section.querySelector(".is-wrong");
  });
  method.addEventListener("change", suit);
  suit();
};
const editOptions = (fieldset) => {
  const list = fieldset.querySelector("ol");
  const total = fieldset.querySelector("[name$=TOTAL_FORMS]");
  const order = () => [...list.children].forEach((row, index) => {
    row.querySelector("[name$=ORDER]").value = index + 1;
    allow(row.parts.up, index > 0);
    allow(row.parts.down, index < list.children.length - 1);
  });
  const dress = (row) => {
    const up = tool(fieldset.dataset.up, "↑");
    const down = tool(fieldset.dataset.down, "↓");
    row.parts = { up, down };
    row.append(up, down);
    const move = (change, button) => { change(); order(); button.focus(); };
    up.addEventListener("click", () => move(() => list.insertBefore(row, row.previousElementSibling), up));
    down.addEventListener("click", () => move(() => list.insertBefore(row.nextElementSibling, row), down));
  };
  // As it was written: a form that was refused comes back with its places in it.
  const place = (row) => Number(row.querySelector("[name$=ORDER]").value) || Infinity;
  [...list.children].sort((one, other) => place(one) - place(other) || 0).forEach((row) => list.append(row));
  [...list.children].forEach(dress);
  fieldset.querySelector("[name=more]").addEventListener("click", (event) => {
    event.preventDefault();
    const index = Number(total.value);
    const copy = list.lastElementChild.cloneNode(true);
    each(copy, ".polls-tool, .polls-field-error", (found) => found.remove());
    each(copy, "[name], [for]", (found) => ["name", "id", "for"].filter((name) => found.hasAttribute(name)).forEach((name) => {
      found.setAttribute(name, found.getAttribute(name).replace(/-\d+-/, `-${index}-`));
    }));
    each(copy, "input", (input) => { if (input.type === "checkbox") input.checked = false; else input.value = ""; });
    total.value = index + 1;
    list.append(copy);
    dress(copy);
    order();
    copy.querySelector("input:not([type=hidden])").focus();
  });
  if (!fieldset.disabled) fieldset.classList.add("is-live");
  order();
};

const enhance = (root, round = 0) => {
  each(root, "[data-polls-steps]", (section) => stepThrough(section, round));
  each(root, "[data-polls-time]", tellTime);
};

each(document, "[data-polls-once]", sendOnce);
each(document, "[data-polls-choose]", limitChoices);
each(document, "[data-polls-points]", countPoints);
each(document, "[data-polls-ranking]", rank);
each(document, ".polls-ballot", excludeWords);
each(document, "[data-polls-form]", suitMethod);
each(document, "[data-polls-options]", editOptions);
each(document, "[data-polls-live]", keepFresh);
enhance(document);
