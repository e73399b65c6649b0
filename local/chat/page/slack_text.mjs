// slack-blocks-to-jsx reads more markup than Slack does: it takes Markdown links, it takes an escaped "&lt;!channel&gt;"
// for a mention, and it reads markup in plain_text. Only *bold* and ~struck~ in plain_text cannot be kept from it.

const JOINER = "\u2060"; // invisible; parts signs that would be markup together
const SIGNS = { "🟢": "large_green_circle", "🟠": "large_orange_circle", "🔵": "large_blue_circle", "🔴": "red_circle" };
const CODE = /(```[\s\S]*?```|`[^`\n]*`)/;

/** The emoji that our messages begin with, by the names Slack has for them, and their colours. */
export const CIRCLES = {
  large_green_circle: "green",
  large_orange_circle: "orange",
  large_blue_circle: "blue",
  red_circle: "red",
};

/** The same blocks, or any part of them, with all text written so that the library shows it as Slack would. */
export function asSlackReads(part) {
  if (Array.isArray(part)) return part.map(asSlackReads);
  if (part === null || typeof part !== "object") return part;
  if (typeof part.text === "string" && part.type === "mrkdwn") return asMarkup(part);
  if (typeof part.text === "string" && part.type === "plain_text") return { ...part, text: plain(part.text) };
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, asSlackReads(value)]));
}

// `verbatim` keeps Slack from linking plain words and addresses; the library takes it for "no markup at all".
function asMarkup({ verbatim, ...part }) {
  return { ...part, text: mrkdwn(part.text) };
}

function mrkdwn(text) {
  const withoutCode = (piece) => piece.replaceAll("&lt;", `&lt;${JOINER}`).replaceAll("](", `]${JOINER}(`);
  return text
    .split(CODE)
    .map((piece, index) => (index % 2 ? piece : withoutCode(piece)))
    .join("");
}

function plain(text) {
  const disarmed = text.replaceAll(/[_`[\]#\\|>]/g, "\\$&").replaceAll(/<|&lt;/g, `$&${JOINER}`);
  return disarmed.replaceAll(/🟢|🟠|🔵|🔴/gu, (sign) => `:${SIGNS[sign]}:`);
}
