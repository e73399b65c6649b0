import { useEffect, useRef, useState } from "react";
import MarkdownIt from "markdown-it";
import { AdaptiveCard, parseCard } from "./parse.mjs";
import { hostConfig } from "./host_config.mjs";
import { openLink } from "./buttons.jsx";

// Cards know bold, italic, lists and links. Everything else stays text, and so does HTML.
const markdown = new MarkdownIt("zero", { html: false, breaks: true }).enable(["emphasis", "escape", "link", "list", "newline"]);

/** Every card of a Workflows envelope. */
export function TeamsMessage({ payload, onProblems }) {
  return payload.attachments.map((attachment, index) => (
    <Card key={index} json={attachment.content} onProblems={onProblems} />
  ));
}

function Card({ json, onProblems }) {
  const place = useRef(null);
  const [failure, setFailure] = useState(null);
  useEffect(() => {
    try {
      const { element, problems } = drawCard(json);
      place.current.replaceChildren(element);
      onProblems(problems);
    } catch (error) {
      setFailure(String(error));
    }
  }, [json]);
  return failure ? <p className="problem">{failure}</p> : <div className="teams-card" ref={place} />;
}

function drawCard(json) {
  const { card, problems } = parseCard(json);
  card.hostConfig = hostConfig;
  card.onExecuteAction = ({ url }) => openLink(url);
  // The library asks one function for all cards, and only while it renders.
  AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = showMentions(markdown.render(text), json);
    result.didProcess = true;
  };
  const element = card.render();
  if (!element) throw new Error("the card could not be rendered");
  return { element, problems };
}

/** Rendered HTML has `<at>` escaped; only mentions that the card declares become spans. */
function showMentions(html, json) {
  const entities = (json.msteams?.entities ?? []).filter((entity) => entity.type === "mention");
  return entities.reduce((result, { text }) => {
    const name = escapeHtml(text.replace(/^<at>|<\/at>$/g, ""));
    return result.replaceAll(escapeHtml(text), `<span class="mention">${name}</span>`);
  }, html);
}

function escapeHtml(text) {
  return markdown.utils.escapeHtml(text);
}
