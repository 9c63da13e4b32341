"use strict";
// What a page does by itself while somebody looks at it. Everything else works without this.

// Rows that have changed are exchanged; what is chosen, and where one is, stays.
function exchange(region, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const here = document.activeElement;
  const place = here && region.contains(here) ? [here.name, here.value, here.getAttribute("href")] : null;
  const chosen = new Set(Array.from(region.querySelectorAll("input:checked"), (box) => box.value));
  const left = new Set(Array.from(region.querySelectorAll("input:not(:checked)"), (box) => box.value));
  for (const box of fresh.content.querySelectorAll("input[type=checkbox]")) {
    if (chosen.has(box.value)) box.checked = true;
    else if (left.has(box.value)) box.checked = false;
  }
  const rows = fresh.content.querySelectorAll("tbody tr");
  const now = region.querySelectorAll("tbody tr");
  const isSameList = rows.length === now.length && Array.from(rows).every((row, at) => row.id === now[at].id);
  if (isSameList && rows.length) {
    rows.forEach((row, at) => { if (!row.isEqualNode(now[at])) now[at].replaceWith(row); });
  } else {
    region.replaceChildren(fresh.content);
  }
  if (place) {
    const again = Array.from(region.querySelectorAll("a, button, input")).find((one) =>
      one.name === place[0] && one.value === place[1] && one.getAttribute("href") === place[2]);
    if (again) again.focus({ preventScroll: true });
  }
}

function poll(region) {
  let mark = null;
  setInterval(async () => {
    if (document.hidden) return;
    const headers = mark ? { "If-None-Match": mark } : {};
    try {
      const answer = await fetch(region.dataset.poll, { headers, credentials: "same-origin", redirect: "error" });
      if (answer.status !== 200) return;
      mark = answer.headers.get("ETag");
      exchange(region, await answer.text());
    } catch { /* Away for a while: the next time. */ }
  }, Number(region.dataset.seconds) * 1000);
}

async function load(region) {
  try {
    const answer = await fetch(region.dataset.load, { credentials: "same-origin", redirect: "error" });
    if (answer.ok) region.innerHTML = await answer.text();
  } catch { /* The link is still there. */ }
}

// The preview follows what is typed; what is not saved is counted.
function follow(form) {
  const frame = document.getElementById("preview");
  const unsaved = document.getElementById("unsaved");
  const before = new Map(Array.from(new FormData(form)).map(([name, value]) => [name, String(value)]));
  let waiting = 0;
  const show = () => {
    const now = new FormData(form);
    let changes = 0;
    for (const name of new Set([...before.keys(), ...now.keys()])) {
      if (name === "nonce" || name.startsWith("show_")) continue;
      const value = now.get(name);
      const given = value instanceof File ? value.name : String(value ?? "");
      if (given !== (before.get(name) ?? "").replace("[object File]", "")) changes += 1;
    }
    unsaved.hidden = changes === 0;
    if (!frame) return;
    const query = new URLSearchParams();
    for (const [name, value] of now) {
      if (typeof value === "string" && form.elements.namedItem(name)?.dataset?.draft !== undefined) query.set(name, value);
    }
    for (const one of form.querySelectorAll("[data-draft]:checked")) query.set(one.name, one.value);
    const kind = now.get("show_kind"), language = now.get("show_language"), part = now.get("show_part");
    const address = `/console/settings/preview/${kind}?language=${language}&part=${part}&${query}`;
    if (frame.getAttribute("src") !== address) frame.src = address;
  };
  const logo = form.querySelector("[data-logo]");
  if (logo) logo.addEventListener("change", async () => {
    const body = new FormData();
    if (logo.files.length) body.set("logo", logo.files[0]);
    try {
      const answer = await fetch(logo.dataset.logo, { method: "POST", body, credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      const { draft, said } = await answer.json();
      form.elements.namedItem("logo_draft").value = draft;
      document.getElementById("logo-said").textContent = said;
      show();
    } catch { /* It is shown with the button. */ }
  });
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(show, 400); });
}

document.querySelectorAll("[data-poll]").forEach(poll);
document.querySelectorAll("[data-load]").forEach(load);
document.querySelectorAll("form[data-follow]").forEach(follow);

// A link to a part of the page opens it.
function reveal() {
  const wanted = location.hash && document.getElementById(location.hash.slice(1));
  if (wanted && wanted.tagName === "DETAILS") wanted.open = true;
}
addEventListener("hashchange", reveal);
reveal();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
