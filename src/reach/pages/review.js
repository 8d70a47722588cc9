"use strict";
// Shows the one case that the link opens, before `links.js` posts what is decided about it. All of it is text that somebody
// wrote, so it is set as text.
const shown = document.querySelector("#case");
const link = new URLSearchParams(location.hash.slice(1)).get("token");
let aboutIdea = false;
const put = (id, text) => { document.getElementById(id).textContent = text; };

const words = {
  hide: "It was hidden.", remove: "It was removed.", return_for_changes: "It was given back to be changed.",
  publish_with_edit: "Words were taken out of it.", lock: "It takes no more comments.", warn: "Somebody was warned.", suspend: "Somebody was suspended.",
};

function show(review) {
  const against = review.appeal ?? review.sanction_appeal;
  put("what", !review.appeal ? "About a person" : review.idea && !review.idea.title ? "About a comment" : "About an idea");
  put("text", against.text);
  put("decision", [words[against.decision] ?? against.decision, against.until && `Until ${new Date(against.until).toLocaleString()}.`].filter(Boolean).join(" "));
  put("ground", against.ground_title ?? against.ground ?? "");
  put("statement", against.statement ?? "");
  document.querySelector("#idea").hidden = !review.idea;
  if (review.idea) {
    put("title", review.idea.title);
    put("body", review.idea.body);
  }
  aboutIdea = Boolean(review.appeal);
  put("amended", aboutIdea ? "Another decision takes its place" : "It is made shorter");
  document.querySelector("#amend").hidden = against.decision === "warn";
  shown.hidden = false;
  document.querySelector("form").hidden = false;
}

// What is not to be chosen is not sent either.
function offer(part, wanted) {
  part.hidden = !wanted;
  for (const field of part.querySelectorAll("input, select")) field.disabled = !wanted;
}

document.querySelector("form").addEventListener("change", (event) => {
  const amended = new FormData(event.currentTarget).get("result") === "amended";
  offer(document.querySelector("#end"), amended && !aboutIdea);
  offer(document.querySelector("#instead"), amended && aboutIdea);
});

// A time without its zone is no instant: it is made one where it is written.
document.querySelector("form").addEventListener("formdata", (event) => {
  const until = event.formData.get("until");
  if (until) event.formData.set("until", new Date(until).toISOString());
});

async function open() {
  const status = document.querySelector("[role=status]");
  try {
    const response = await fetch(shown.dataset.read, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: link }),
    });
    const answer = await response.json();
    if (response.ok) {
      const grounds = await (await fetch(shown.dataset.grounds)).json();
      document.querySelector("#instead-ground").append(...grounds.items.map((one) => new Option(one.title, one.code)));
      show(answer);
    }
    else status.textContent = answer.detail;
  } catch {
    status.textContent = "The service cannot be reached just now. Try again in a moment.";
  }
  document.querySelector("#wait").hidden = true;
}
if (link) open();
else document.querySelector("#wait").hidden = true;
