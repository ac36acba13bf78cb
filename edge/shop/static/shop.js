// Sends the form of a sold-out variant as JSON and shows the answer in its place. Without this script the form works as
// a plain form. No preflight: the body goes as text/plain.
"use strict";
(() => {
  const form = document.querySelector("form[data-capture]");
  if (!form) return;
  const opened = performance.now();
  const button = form.querySelector("button");

  const make = (tag, props, ...children) => {
    const el = Object.assign(document.createElement(tag), props);
    el.append(...children);
    return el;
  };

  // Dotted names become objects, empty fields are left out.
  const read = () => {
    const body = { elapsed_ms: Math.round(performance.now() - opened) };
    for (const [name, value] of new FormData(form)) {
      if (value === "") continue;
      const [outer, inner] = name.split(".");
      if (inner) (body[outer] ??= {})[inner] = value;
      else body[outer] = value;
    }
    if (body.consent) body.consent.marketing = form.elements["consent.marketing"].checked;
    if (!body.phone) delete body.region;
    body.page = location.href;
    return body;
  };

  const clear = () => {
    form.querySelectorAll(".wrong, .suggest").forEach((el) => el.remove());
    form.querySelectorAll("[aria-invalid]").forEach((el) => {
      el.removeAttribute("aria-invalid");
      el.removeAttribute("aria-describedby");
    });
  };

  const suggest = (input, text) => {
    const use = make("button", { type: "button", className: "suggest", textContent: `Did you mean ${text}?` });
    use.addEventListener("click", () => {
      input.value = text;
      clear();
      button.focus();
    });
    return use;
  };

  // Errors of fields that the shopper sees go beside them, all others above the button.
  const show = (errors) => {
    let first;
    for (const { field, message, suggest: text } of errors) {
      const input = form.querySelector(`.field [name="${CSS.escape(field)}"]`);
      const id = `wrong-${field}`;
      if (!input) {
        button.before(make("p", { className: "wrong", role: "alert", textContent: message }));
        continue;
      }
      const note = make("span", { className: "wrong", id, textContent: message });
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", id);
      input.parentElement.append(note);
      if (text) input.parentElement.append(suggest(input, text));
      first ??= input;
    }
    first?.focus();
  };

  const done = () => {
    const title = make("h2", { textContent: "We'll tell you when it's back", tabIndex: -1 });
    const text = make("p", { textContent: "You have your place in line. First asked, first told." });
    form.replaceWith(make("div", { className: "capture done", role: "status" }, title, text));
    title.focus();
  };

  const explain = async (answer) => {
    if (answer.status === 429) {
      const wait = answer.headers.get("Retry-After");
      return [{ field: "", message: `That was a lot at once. Please try again${wait ? ` in ${wait} s` : " later"}.` }];
    }
    const problem = await answer.json().catch(() => ({}));
    if (problem.errors?.length) return problem.errors;
    return [{ field: "", message: problem.detail || problem.title || `Something went wrong (${answer.status}).` }];
  };

  form.noValidate = true; // the edge says it better, with a suggestion
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clear();
    button.disabled = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "Content-Type": "text/plain", Accept: "application/json" },
        credentials: "omit",
        body: JSON.stringify(read()),
      });
      if (answer.ok) return done();
      button.disabled = false;
      show(await explain(answer));
    } catch {
      button.disabled = false;
      show([{ field: "", message: "We could not reach the shop. Please try again." }]);
    }
  });
})();
