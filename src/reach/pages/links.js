"use strict";
// The token stands behind the hash, where no server and no log on the way sees it; it is posted when the reader says so
// and not before, for programs that look ahead follow links too.
const form = document.querySelector("form");
const said = document.querySelector("[role=status]");
const token = new URLSearchParams(location.hash.slice(1)).get("token");

if (!token && !("withoutToken" in form.dataset)) {
  form.hidden = true;
  said.textContent = "This link is not whole. Open it from the mail once more, or copy all of it.";
}

// The whole link pasted into this very tab changes nothing but the hash.
addEventListener("hashchange", () => location.hash && location.reload());

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = "";
  try {
    // What was left empty was not given.
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      // `instead.ground` is the ground within what is sent as `instead`.
      const [outer, inner] = name.split(".");
      if (value !== "" && inner) fields[outer] = { ...fields[outer], [inner]: value };
      else if (value !== "") fields[outer] = value;
    }
    const response = await fetch(form.dataset.post, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(token ? { token, ...fields } : fields),
    });
    if (response.ok) {
      form.hidden = true;
      history.replaceState(null, "", location.pathname);
      said.textContent = form.dataset.done;
    } else {
      const problem = await response.json();
      said.textContent = [problem.errors ? null : problem.detail, ...(problem.errors ?? []).map((fault) => fault.detail)]
        .filter(Boolean)
        .join(" ");
    }
  } catch {
    said.textContent = "The service cannot be reached just now, so nobody knows whether it was done. Try again in a moment; if the link no longer works then, it was.";
  }
  button.disabled = false;
});
