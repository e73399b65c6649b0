// The hub: the function app and what it stands on. `azd up` deploys it; docs/deploy.md tells how.
targetScope = 'subscription'

@description('Name of the azd environment; it becomes part of the names of everything.')
@minLength(1)
@maxLength(24)
param environmentName string

@description('Region of the hub. Flex Consumption must be offered there.')
param location string

@description('Ids of the onboarded subscriptions, separated by commas. Empty: the one that the hub is deployed to.')
param subscriptions string = ''

@description('audit changes nothing; enforce fixes what is safe.')
@allowed([
  'audit'
  'enforce'
])
param mode string = 'audit'

@description('Names of rules that are not looked at, separated by commas.')
param rulesOff string = ''

@description('Policy file in the app\'s folder. Empty: policy.yaml.')
param policyFile string = ''

@description('Where people are told. Each channel needs its webhook URL or token once; later deployments keep the one in the vault.')
@allowed([
  'teams'
  'slack'
  'teams,slack'
])
param chat string = 'teams'

@description('Further host names that webhooks may have, separated by commas.')
param chatHosts string = ''

@description('URL of the Teams workflow. Empty: the one in the vault stays.')
@secure()
param teamsWebhookUrl string = ''

@description('URL of the Slack incoming webhook. Empty: the one in the vault stays.')
@secure()
param slackWebhookUrl string = ''

@description('Id of the Slack channel that a Slack app posts to by its bot token. Empty: Slack is an incoming webhook.')
param slackChannel string = ''

@description('Bot token of the Slack app (xoxb-). Empty: the one in the vault stays.')
@secure()
param slackBotToken string = ''

@description('Client id of the Entra application that people sign in with (docs/deploy.md). Empty: nobody can sign in.')
param signInClientId string = ''

@description('Key that signs the links to plans, 32 characters at least. Empty: the one in the vault stays.')
@secure()
param linkSigningKey string = ''

@description('Ids of the Slack users who may decide by buttons, separated by commas. Empty: nobody can.')
param slackApprovers string = ''

@description('Signing secret of the Slack app whose buttons decide. Empty: the one in the vault stays.')
@secure()
param slackSigningSecret string = ''

@description('Who gets an e-mail when the bot itself is in trouble. Empty: the alerts show in the portal only.')
param alertEmail string = ''

@description('Spread storage and the plan over availability zones. The default is to do so where the region has them.')
param zoneRedundant bool = contains(loadJsonContent('generated/zonal-regions.json'), location)

@description('Region that new logs are also written to, at twice the price; it must belong to the same group. Empty: none.')
param logReplicationLocation string = ''

@description('Memory of an instance in MB. 512 is enough for events; scans of large estates are faster with more.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 512

@description('Most instances at once. It also bounds how fast Azure Resource Manager is asked.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

var tags = {
  'azd-env-name': environmentName
  environment: 'production'
}
var token = toLower(uniqueString(subscription().id, environmentName, location))

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    botPrincipalId: identities.outputs.botPrincipalId
    eventsPrincipalId: identities.outputs.eventsPrincipalId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    botPrincipalId: identities.outputs.botPrincipalId
    teamsWebhookUrl: teamsWebhookUrl
    slackWebhookUrl: slackWebhookUrl
    slackBotToken: slackBotToken
    linkSigningKey: linkSigningKey
    slackSigningSecret: slackSigningSecret
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    botPrincipalId: identities.outputs.botPrincipalId
    replicationLocation: logReplicationLocation
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    botIdentityId: identities.outputs.botIdentityId
    botClientId: identities.outputs.botClientId
    storageName: storage.outputs.name
    vaultUri: vault.outputs.uri
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    signInClientId: signInClientId
    slackChannel: slackChannel
    slackApprovers: slackApprovers
    subscriptions: empty(subscriptions) ? subscription().subscriptionId : subscriptions
    mode: mode
    rulesOff: rulesOff
    policyFile: policyFile
    chat: chat
    chatHosts: chatHosts
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
    alertEmail: alertEmail
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output HA_BOT_APP_NAME string = app.outputs.name
output HA_BOT_APP_URL string = app.outputs.url
output HA_BOT_APP_ID string = app.outputs.id
output HA_BOT_PRINCIPAL_ID string = identities.outputs.botPrincipalId
output HA_BOT_EVENTS_IDENTITY_ID string = identities.outputs.eventsIdentityId
output HA_BOT_STORAGE_ID string = storage.outputs.id
output HA_BOT_VAULT_NAME string = vault.outputs.name
