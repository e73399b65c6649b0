import { Component } from "react";
import { Message as Blocks } from "slack-blocks-to-jsx";
import { asSlackReads } from "./slack_text.mjs";

/** A Slack message: its blocks, or its text when it has none. */
export function SlackMessage({ payload }) {
  const blocks = payload.blocks ?? [{ type: "section", text: { type: "mrkdwn", text: payload.text } }];
  return (
    <ShowsFailure>
      <div onClickCapture={openInNewTab}>
        <Blocks blocks={asSlackReads(blocks)} name="" logo="" withoutWrapper />
      </div>
    </ShowsFailure>
  );
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
