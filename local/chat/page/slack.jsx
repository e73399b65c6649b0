import { Component } from "react";
import { Message as Blocks } from "slack-blocks-to-jsx";
import { Buttons, isButtons } from "./buttons.jsx";
import { asSlackReads, CIRCLES } from "./slack_text.mjs";

const hooks = { emoji: (emoji, draw) => (CIRCLES[emoji.name] ? <Circle name={emoji.name} /> : draw(emoji)) };

/** A Slack message: its blocks, or its text when it has none. */
export function SlackMessage({ message: { id, payload, updates } }) {
  const blocks = payload.blocks ?? [{ type: "section", text: { type: "mrkdwn", text: payload.text } }];
  return (
    <ShowsFailure key={updates}>
      <div onClickCapture={openInNewTab}>
        {parts(blocks).map((part, index) =>
          part.length === 1 && isButtons(part[0]) ? (
            <Buttons key={index} elements={part[0].elements} messageId={id} />
          ) : (
            <Blocks key={index} blocks={asSlackReads(part)} name="" logo="" withoutWrapper hooks={hooks} />
          ),
        )}
      </div>
    </ShowsFailure>
  );
}

/** The blocks in order, each row of buttons by itself: the library draws them, and tells nobody of a click. */
function parts(blocks) {
  return blocks.reduce((all, block) => {
    const last = all.at(-1);
    if (last === undefined || isButtons(block) || isButtons(last[0])) return [...all, [block]];
    return [...all.slice(0, -1), [...last, block]];
  }, []);
}

/** Slack has pictures for emoji, and so has no machine to have a font for them. */
function Circle({ name }) {
  return <span className={`circle ${CIRCLES[name]}`} role="img" aria-label={name.replaceAll("_", " ")} />;
}

/** The library's links would replace the page. */
function openInNewTab({ target }) {
  const link = target.closest("a");
  if (link) Object.assign(link, { target: "_blank", rel: "noopener" });
}

class ShowsFailure extends Component {
  state = { failure: null };

  static getDerivedStateFromError(error) {
    return { failure: String(error) };
  }

  render() {
    return this.state.failure ? <p className="problem">{this.state.failure}</p> : this.props.children;
  }
}
