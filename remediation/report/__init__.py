"""The posture of the onboarded subscriptions as a page: what is shown (`model`), how (`render`), and over HTTP
(`answer`)."""
