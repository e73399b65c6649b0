import { createContext, useContext, useEffect, useRef, useState } from "react";

/** Who presses buttons here, by id and name; nobody where no app takes clicks. */
export const Presser = createContext(null);

export function isButtons(block) {
  return block.type === "actions" && block.elements.every((element) => element.type === "button");
}

/** A row of buttons, and what became of the one pressed last. */
export function Buttons({ elements, messageId }) {
  const presser = useContext(Presser);
  const [asked, setAsked] = useState(null);
  const [said, setSaid] = useState(null);

  const press = async ({ action_id: action }) => {
    setAsked(null);
    setSaid({ waits: true, text: "Sending …" });
    setSaid(await sent({ message: messageId, action, user: presser.id }, presser.name));
  };
  const onClick = (element) => {
    if (element.url) openLink(element.url);
    if (!element.action_id || !presser) return;
    if (element.confirm) setAsked(element);
    else press(element);
  };
  return (
    <>
      <div className="buttons">
        {elements.map((element, index) => (
          <button
            key={index}
            type="button"
            className={`slack-button ${element.style ?? ""}`}
            disabled={said?.waits}
            onClick={() => onClick(element)}
          >
            {element.text.text}
          </button>
        ))}
      </div>
      {said && (
        <p className={said.warns ? "said warns" : "said"} role="status">
          {said.text}
        </p>
      )}
      {asked && <Confirm dialog={asked.confirm} onConfirm={() => press(asked)} onDeny={() => setAsked(null)} />}
    </>
  );
}

/** What Slack asks before it tells the app of a click. */
function Confirm({ dialog, onConfirm, onDeny }) {
  const box = useRef(null);
  useEffect(() => box.current.showModal(), []);
  return (
    <dialog className="confirm" ref={box} onCancel={onDeny} aria-labelledby="confirm-title">
      <h4 id="confirm-title">{dialog.title.text}</h4>
      <p>{dialog.text.text}</p>
      <div className="buttons">
        <button type="button" className="slack-button" onClick={onDeny}>
          {dialog.deny.text}
        </button>
        <button type="button" className={`slack-button ${dialog.style === "danger" ? "danger" : "primary"}`} onClick={onConfirm}>
          {dialog.confirm.text}
        </button>
      </div>
    </dialog>
  );
}

async function sent(click, name) {
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await fetch("/clicks", { method: "POST", headers, body: JSON.stringify(click) });
    return told(await answer.json(), name);
  } catch {
    return { warns: true, text: "⚠ The chat does not answer." };
  }
}

/** Slack shows a warning sign and no reason; here it stands beside it. */
function told({ error, ok, status, seconds }, name) {
  if (error) return { warns: true, text: `⚠ Not sent: ${error}.` };
  if (ok) return { text: `Sent as ${name}: the app answered in ${seconds} s. What follows is told here.` };
  if (status === 0) return { warns: true, text: "⚠ The app did not answer within 3 s." };
  if (status === 403) return { warns: true, text: `⚠ Refused: ${name} is not one of those who may decide (403).` };
  return { warns: true, text: `⚠ The app refused it (${status}).` };
}

export function openLink(url) {
  if (/^https?:\/\//.test(url ?? "")) window.open(url, "_blank", "noopener");
}
