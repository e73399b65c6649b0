// Reads an Adaptive Card as JSON from stdin and prints a JSON list of what the adaptivecards library has against it.
import { readFileSync } from "node:fs";
import { parseCard } from "./parse.mjs";

const { problems } = parseCard(JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(problems));
