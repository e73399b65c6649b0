// The library is CommonJS. In an .mjs file esbuild and Node.js agree on what its default import is.
import AdaptiveCards from "adaptivecards/dist/adaptivecards.js";

const { SerializationContext, Versions } = AdaptiveCards;
export const { AdaptiveCard } = AdaptiveCards;

/** The card as the library's object, and all it has against the JSON. Cards posted by a webhook may use version 1.5. */
export function parseCard(json) {
  const card = new AdaptiveCard();
  const context = new SerializationContext(Versions.v1_5);
  card.parse(json, context);
  const problems = [...events(context), ...unknownMentions(json)];
  return { card, problems };
}

function events(context) {
  return Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
}

/** Teams shows <at>…</at> as raw text unless msteams.entities names exactly the same text. */
function unknownMentions(json) {
  const known = new Set((json.msteams?.entities ?? []).map((entity) => entity.text));
  const used = JSON.stringify(json.body ?? []).match(/<at>.*?<\/at>/g) ?? [];
  const unknown = new Set(used.filter((mention) => !known.has(mention)));
  return [...unknown].map((mention) => `no entity for the mention ${mention}`);
}
