import AdaptiveCards from "adaptivecards/dist/adaptivecards.js";

// Colours are CSS variables, so the card follows light and dark without being drawn again.
const colour = (name) => ({ default: `var(--card-${name})`, subtle: `var(--card-${name}-subtle)` });
const foregroundColors = {
  default: colour("text"),
  dark: colour("text"),
  light: colour("text"),
  accent: colour("accent"),
  good: colour("good"),
  warning: colour("warning"),
  attention: colour("attention"),
};
const container = (name) => ({
  backgroundColor: `var(--card-${name}-back)`,
  borderColor: "transparent",
  foregroundColors,
});
const fontSizes = { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 };
const fontWeights = { lighter: 300, default: 400, bolder: 600 };

/** Spacing, type and colours close to what Teams gives a card. */
export const hostConfig = new AdaptiveCards.HostConfig({
  supportsInteractivity: true,
  fontTypes: {
    default: { fontFamily: "var(--teams-font)", fontSizes, fontWeights },
    monospace: { fontFamily: "var(--mono-font)", fontSizes, fontWeights },
  },
  lineHeights: { small: 16, default: 20, medium: 22, large: 24, extraLarge: 32 },
  spacing: { small: 4, default: 8, medium: 16, large: 24, extraLarge: 32, padding: 16 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  containerStyles: {
    default: container("default"),
    emphasis: container("emphasis"),
    good: container("good"),
    accent: container("accent"),
    warning: container("warning"),
    attention: container("attention"),
  },
  factSet: {
    title: { weight: "Bolder", wrap: true, maxWidth: 140 },
    value: { wrap: true },
    spacing: 16,
  },
  actions: {
    maxActions: 6,
    spacing: "Medium",
    buttonSpacing: 8,
    actionsOrientation: "Horizontal",
    actionAlignment: "Left",
  },
  adaptiveCard: { allowCustomStyle: false },
});
