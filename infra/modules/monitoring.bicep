// Where the app's telemetry goes: Application Insights on a Log Analytics workspace, written to by identity only.

param token string
param location string
param tags object
param botPrincipalId string

@description('Days for which logs are kept. They hold ids of resources and names of people who approved.')
param retentionInDays int = 90

@description('Region that new logs are also written to, at twice the price. Empty: none.')
param replicationLocation string = ''

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource logs 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionInDays
    workspaceCapping: {
      dailyQuotaGb: -1
    }
    replication: empty(replicationLocation) ? {
      enabled: false
    } : {
      enabled: true
      location: replicationLocation
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

resource botRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, botPrincipalId, monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: botPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

output insightsId string = insights.id
output insightsConnectionString string = insights.properties.ConnectionString
