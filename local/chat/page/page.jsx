import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import "slack-blocks-to-jsx/dist/style.css";
import "./page.css";
import "./cards.css";
import { TeamsMessage } from "./teams.jsx";
import { SlackMessage } from "./slack.jsx";

const BOT = "HA Remediation Bot";
const PRODUCTS = { teams: "Microsoft Teams", slack: "Slack" };
const WILL_APPEAR = "Fixes, questions, guidance and summaries appear here as the bot posts them.";

/** What the server has sent since the page was connected to it. The server repeats everything on a new connection. */
function useChat() {
  const [chat, setChat] = useState({ connected: false, title: document.title, messages: new Map(), story: [] });
  useEffect(() => {
    const source = new EventSource("/events");
    const on = (name, change) =>
      source.addEventListener(name, ({ data }) => setChat((now) => ({ ...now, ...change(JSON.parse(data), now) })));
    on("start", ({ title }) => ({ connected: true, title, messages: new Map(), story: [] }));
    on("message", (message, now) => ({ messages: new Map(now.messages).set(message.id, message) }));
    on("story", (story) => ({ story }));
    source.onerror = () => setChat((now) => ({ ...now, connected: false }));
    return () => source.close();
  }, []);
  return chat;
}

function App() {
  const { connected, title, messages, story } = useChat();
  const all = [...messages.values()];
  return (
    <>
      <header className="top">
        <Avatar />
        <h1>{title}</h1>
        <span className={connected ? "state live" : "state"} role="status">
          {connected ? "Live" : "Not connected"}
        </span>
      </header>
      <main className={story.length ? "with-story" : ""}>
        {story.length > 0 && <Story lines={story} />}
        {Object.keys(PRODUCTS).map((kind) => (
          <Product key={kind} kind={kind} messages={all.filter((message) => message.channel_kind === kind)} />
        ))}
      </main>
    </>
  );
}

function Story({ lines }) {
  return (
    <details className="story" open>
      <summary>Story</summary>
      <ol>
        {lines.map((line, index) => (
          <li key={index}>
            <time>{line.time}</time>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Product({ kind, messages }) {
  const channels = [...Map.groupBy(messages, (message) => message.channel)];
  return (
    <section className={`product ${kind}`} aria-label={PRODUCTS[kind]}>
      <h2>
        {PRODUCTS[kind]}
        <span className="count">{messages.length || ""}</span>
      </h2>
      <Scroller newest={messages.at(-1)?.id}>
        {channels.map(([name, posts]) => (
          <Channel key={name} kind={kind} name={name} messages={posts} />
        ))}
        {channels.length === 0 && <Empty kind={kind} />}
      </Scroller>
    </section>
  );
}

/** Follows the newest message as long as the reader has not scrolled up. */
function Scroller({ newest, children }) {
  const box = useRef(null);
  const follows = useRef(true);
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    follows.current = scrollHeight - scrollTop - clientHeight < 80;
  };
  useEffect(() => {
    if (follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [newest]);
  return (
    <div className="scroller" ref={box} onScroll={onScroll}>
      {children}
    </div>
  );
}

function Channel({ kind, name, messages }) {
  return (
    <>
      <h3 className="channel">{kind === "slack" ? `# ${name}` : name}</h3>
      {messages.map((message) => (
        <Post key={message.id} message={message} />
      ))}
    </>
  );
}

function Post({ message }) {
  const [problems, setProblems] = useState([]);
  const [raw, setRaw] = useState(false);
  const { id, channel_kind: kind, payload, received_at: at } = message;
  return (
    <article className="post" id={id}>
      <Avatar />
      <div className="content">
        <p className="sender">
          <b>{BOT}</b>
          <span className="tag">{kind === "slack" ? "App" : "Workflows"}</span>
          <time dateTime={at}>{new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}</time>
          <button type="button" className="raw-toggle" aria-expanded={raw} onClick={() => setRaw(!raw)}>
            {raw ? "Hide JSON" : "JSON"}
          </button>
        </p>
        {problems.map((problem, index) => (
          <p className="problem" key={index}>
            {problem}
          </p>
        ))}
        {kind === "slack" ? <SlackMessage payload={payload} /> : <TeamsMessage payload={payload} onProblems={setProblems} />}
        {raw && <pre className="raw">{JSON.stringify(payload, null, 2)}</pre>}
      </div>
    </article>
  );
}

function Empty({ kind }) {
  return (
    <div className="empty">
      <Avatar />
      <p>
        <b>Nothing posted to {PRODUCTS[kind]} yet</b>
      </p>
      <p>{WILL_APPEAR}</p>
    </div>
  );
}

/** A shield with a heartbeat. */
function Avatar() {
  return (
    <svg className="avatar" viewBox="0 0 36 36" aria-hidden="true">
      <rect className="avatar-back" width="36" height="36" rx="6" />
      <path className="avatar-shield" d="M18 6l10 3.6v7.6c0 6.2-4 10.6-10 12.8-6-2.2-10-6.6-10-12.8V9.6z" />
      <path className="avatar-pulse" d="M10.5 18.5h4l2.2-5 3 9 2-4h3.800" />
    </svg>
  );
}

createRoot(document.getElementById("app")).render(<App />);
