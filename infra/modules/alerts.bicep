// What the bot cannot tell in chat, because it is the bot that is in trouble.

param token string
param location string
param tags object
param insightsId string
param alertEmail string

var app = loadJsonContent('../generated/app.json')

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'ha-bot'
    emailReceivers: empty(alertEmail) ? [] : [
      {
        name: 'operators'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

var alerts = [
  {
    name: 'poison'
    title: 'HA Remediation Bot: a message could not be processed'
    meaning: 'A function that takes in what failed five times has run. The bot told people in chat as well, if chat works.'
    query: 'requests | where name in (\'${join(app.poisonFunctions, '\', \'')}\')'
    operator: 'GreaterThan'
    threshold: 0
    every: 'PT5M'
    over: 'PT15M'
    severity: 1
  }
  {
    name: 'heartbeat'
    title: 'HA Remediation Bot: it gives no sign of life'
    meaning: 'The timer that runs every quarter of an hour did not run, or failed, for an hour: the app does not work.'
    query: 'requests | where name == \'${app.heartbeatFunction}\' and success == true'
    operator: 'LessThan'
    threshold: 1
    every: 'PT15M'
    over: 'PT1H'
    severity: 1
  }
  {
    name: 'failures'
    title: 'HA Remediation Bot: its functions fail'
    meaning: 'Ten calls failed within a quarter of an hour. Each is tried again; this many have one cause.'
    query: 'requests | where success == false'
    operator: 'GreaterThanOrEqual'
    threshold: 10
    every: 'PT5M'
    over: 'PT15M'
    severity: 2
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in alerts: {
  name: 'alert-${alert.name}-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: alert.title
    description: alert.meaning
    enabled: true
    severity: alert.severity
    scopes: [
      insightsId
    ]
    evaluationFrequency: alert.every
    windowSize: alert.over
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: alert.query
          timeAggregation: 'Count'
          operator: alert.operator
          threshold: alert.threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [
        people.id
      ]
    }
  }
}]
