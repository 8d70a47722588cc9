"use strict";
// Shows the one case that the link opens, before `links.js` posts what is decided about it. All of it is text that somebody
// wrote, so it is set as text.
const shown = document.querySelector("#case");
const link = new URLSearchParams(location.hash.slice(1)).get("token");
const put = (id, text) => { document.getElementById(id).textContent = text; };

const words = {
  hide: "The idea was hidden.", remove: "The idea was removed.", return_for_changes: "The idea was given back to be changed.",
  publish_with_edit: "Words were taken out of the idea.", warn: "Somebody was warned.", suspend: "Somebody was suspended.",
};

function show(review) {
  const against = review.appeal ? review.appeal.against : review.sanction_appeal.sanction;
  const said = review.appeal ? review.appeal.appeal : against.appeal;
  put("what", review.appeal ? `About idea ${against.number}` : "About a person");
  put("text", said.text);
  put("decision", [words[against.decision] ?? against.decision, against.until && `Until ${new Date(against.until).toLocaleString()}.`].filter(Boolean).join(" "));
  put("ground", against.ground_title ?? against.ground ?? "");
  put("statement", against.statement ?? "");
  document.querySelector("#idea").hidden = !review.idea;
  if (review.idea) {
    put("title", review.idea.title);
    put("body", review.idea.body);
  }
  document.querySelector("#shorter").hidden = against.decision !== "suspend";
  shown.hidden = false;
  document.querySelector("form").hidden = false;
}

document.querySelector("form").addEventListener("change", (event) => {
  const shorter = new FormData(event.currentTarget).get("result") === "amended";
  document.querySelector("#end").hidden = !shorter;
  document.querySelector("#until").disabled = !shorter;
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
    if (response.ok) show(answer);
    else status.textContent = answer.detail;
  } catch {
    status.textContent = "The service cannot be reached just now. Try again in a moment.";
  }
  document.querySelector("#wait").hidden = true;
}
if (link) open();
else document.querySelector("#wait").hidden = true;
