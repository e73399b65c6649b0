import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import "slack-blocks-to-jsx/dist/style.css";
import "./page.css";
import "./cards.css";
import { TeamsMessage } from "./teams.jsx";
import { SlackMessage } from "./slack.jsx";
import { Presser } from "./buttons.jsx";

const BOT = "HA Remediation Bot";
const PRODUCTS = { teams: "Microsoft Teams", slack: "Slack" };
const WILL_APPEAR = "Fixes, questions, guidance and summaries appear here as the bot posts them.";

const NOTHING = { messages: new Map(), story: [], channels: {}, people: {} };

/** What the server has sent since the page was connected to it. The server repeats everything on a new connection. */
function useChat() {
  const [chat, setChat] = useState({ ...NOTHING, connected: false, title: document.title });
  useEffect(() => {
    const source = new EventSource("/events");
    const on = (name, change) =>
      source.addEventListener(name, ({ data }) => setChat((now) => ({ ...now, ...change(JSON.parse(data), now) })));
    on("start", (start) => ({ ...NOTHING, connected: true, ...start }));
    on("message", (message, now) => ({ messages: new Map(now.messages).set(message.id, message) }));
    on("story", (story) => ({ story }));
    source.onerror = () => setChat((now) => ({ ...now, connected: false }));
    return () => source.close();
  }, []);
  return chat;
}

function App() {
  const { connected, title, messages, story, channels, people } = useChat();
  const [chosen, choose] = useState("");
  const all = [...messages.values()];
  const id = chosen in people ? chosen : Object.keys(people)[0];
  return (
    <Presser.Provider value={id ? { id, name: people[id] } : null}>
      <header className="top">
        <Avatar />
        <h1>{title}</h1>
        <span className={connected ? "state live" : "state"} role="status">
          {connected ? "Live" : "Not connected"}
        </span>
      </header>
      <Places story={story} />
      <main className={story.length ? "with-story" : ""}>
        {story.length > 0 && <Story lines={story} />}
        {Object.keys(PRODUCTS).map((kind) => (
          <Product
            key={kind}
            kind={kind}
            messages={all.filter((message) => message.channel_kind === kind)}
            channels={channels}
            tools={kind === "slack" && id && <WhoPresses people={people} id={id} onChoose={choose} />}
          />
        ))}
      </main>
    </Presser.Provider>
  );
}

/** Where there is room for one column only, the way to the others. */
function Places({ story }) {
  const places = [...(story.length ? [["story", "Story"]] : []), ["teams", "Teams"], ["slack", "Slack"]];
  const isCalled = (name) => name === "story" && story.some((line) => line.turn);
  const go = (name) => document.querySelector(`main > .${name}`).scrollIntoView({ block: "nearest", inline: "start" });
  return (
    <nav className="places">
      {places.map(([name, title]) => (
        <button key={name} type="button" className={isCalled(name) ? "called" : ""} onClick={() => go(name)}>
          {title}
        </button>
      ))}
    </nav>
  );
}

function Story({ lines }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length]);
  return (
    <details className="story" ref={box} open>
      <summary>Story</summary>
      <ol>
        {lines.map((line, index) => (
          <li key={index} className={line.turn ? "turn" : ""}>
            <time>{line.time}</time>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function WhoPresses({ people, id, onChoose }) {
  return (
    <label className="who">
      You are
      <select value={id} onChange={({ target }) => onChoose(target.value)}>
        {Object.entries(people).map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Product({ kind, messages, channels, tools }) {
  const byChannel = [...Map.groupBy(messages, (message) => message.channel)];
  return (
    <section className={`product ${kind}`} aria-label={PRODUCTS[kind]}>
      <h2>
        {PRODUCTS[kind]}
        <span className="count">{messages.length || ""}</span>
        {tools}
      </h2>
      <Scroller newest={messages.at(-1)?.id}>
        {byChannel.map(([id, posts]) => (
          <Channel key={id} kind={kind} name={channels[id] ?? id} messages={posts} />
        ))}
        {byChannel.length === 0 && <Empty kind={kind} />}
      </Scroller>
    </section>
  );
}

/** Goes to the end of each new message, as long as the reader looks at the one before it. */
function Scroller({ newest, children }) {
  const box = useRef(null);
  const before = useRef({ id: newest, seen: true });
  const onScroll = () => {
    before.current.seen = isSeen(before.current.id, box.current);
  };
  useEffect(() => {
    before.current.id = newest;
    const post = document.getElementById(newest);
    if (!post || !before.current.seen) return;
    box.current.scrollTop += post.getBoundingClientRect().bottom - box.current.getBoundingClientRect().bottom;
  }, [newest]);
  return (
    <div className="scroller" ref={box} onScroll={onScroll}>
      {children}
    </div>
  );
}

function isSeen(id, box) {
  const post = document.getElementById(id)?.getBoundingClientRect();
  const view = box.getBoundingClientRect();
  return !post || (post.bottom > view.top && post.top < view.bottom);
}

function Channel({ kind, name, messages }) {
  return (
    <>
      <h3 className="channel">{kind === "slack" ? `# ${name}` : name}</h3>
      {messages.filter(startsThread).map((message) => (
        <Post key={message.id} message={message}>
          <Thread replies={messages.filter((reply) => !startsThread(reply) && reply.thread_ts === message.ts)} />
        </Post>
      ))}
    </>
  );
}

function startsThread({ thread_ts: thread, ts }) {
  return !thread || thread === ts;
}

function Thread({ replies }) {
  if (replies.length === 0) return null;
  return (
    <details className="thread" open>
      <summary>{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</summary>
      {replies.map((reply) => (
        <Post key={reply.id} message={reply} />
      ))}
    </details>
  );
}

function Post({ message, children }) {
  const [problems, setProblems] = useState([]);
  const [raw, setRaw] = useState(false);
  const { id, channel_kind: kind, payload, received_at: at, updates } = message;
  return (
    <article className="post" id={id}>
      <Avatar />
      <div className="content">
        <p className="sender">
          <b>{BOT}</b>
          <span className="tag">{kind === "slack" ? "App" : "Workflows"}</span>
          <time dateTime={at}>{new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}</time>
          {payload.reply_broadcast && <span className="quiet">also in the channel</span>}
          {updates > 0 && <span className="quiet">updated</span>}
          <button type="button" className="raw-toggle" aria-expanded={raw} onClick={() => setRaw(!raw)}>
            {raw ? "Hide JSON" : "JSON"}
          </button>
        </p>
        {problems.map((problem, index) => (
          <p className="problem" key={index}>
            {problem}
          </p>
        ))}
        {kind === "slack" ? <SlackMessage message={message} /> : <TeamsMessage payload={payload} onProblems={setProblems} />}
        {raw && <pre className="raw">{JSON.stringify(payload, null, 2)}</pre>}
        {children}
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
