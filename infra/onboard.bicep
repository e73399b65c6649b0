// Puts one subscription under the bot's protection: what the bot may do there, and the events that it hears of.
// `python -m local onboard` checks what this needs and prints the command. docs/deploy.md tells how, also for many.
targetScope = 'subscription'

@description('Object id of the bot\'s identity (output HA_BOT_PRINCIPAL_ID of the hub).')
param botPrincipalId string

@description('Id of the function app (output HA_BOT_APP_ID of the hub).')
param appId string

@description('Id of the app\'s storage account (output HA_BOT_STORAGE_ID of the hub).')
param storageId string

@description('Id of the identity that Event Grid writes with (output HA_BOT_EVENTS_IDENTITY_ID of the hub).')
param eventsIdentityId string

@description('audit: the bot may only read here. enforce: it may also send what its remediations declare.')
@allowed([
  'audit'
  'enforce'
])
param mode string = 'audit'

@description('How events arrive: at the function, or in the queue events, where they wait while the app is stopped.')
@allowed([
  'function'
  'queue'
])
param delivery string = 'function'

@description('The system topic of this subscription. Azure allows one only: name the one that is there, or a new one. Empty: the event subscription is put straight on the subscription, and Event Grid writes dead letters with an identity of its own.')
param topicName string = 'evgt-ha-bot'

@description('Its resource group. A new topic comes with a new group.')
param topicGroup string = 'rg-ha-bot-events'

@description('The topic is there already and has the identity eventsIdentityId: it is left as it is.')
param topicExists bool = false

@description('Region of the new resource group. The topic itself has none.')
param location string = deployment().location

var roles = loadJsonContent('generated/roles.json')
var events = loadJsonContent('generated/events.json')
var app = loadJsonContent('generated/app.json')
var here = subscription().id
var granted = mode == 'enforce' ? [
  roles.reader
  roles.remediator
] : [
  roles.reader
]
var identity = {
  type: 'UserAssigned'
  userAssignedIdentity: eventsIdentityId
}
var toFunction = {
  endpointType: 'AzureFunction'
  properties: {
    resourceId: '${appId}/functions/${app.eventFunction}'
    maxEventsPerBatch: 1
    preferredBatchSizeInKilobytes: 64
  }
}
var toQueue = {
  endpointType: 'StorageQueue'
  properties: {
    resourceId: storageId
    queueName: app.eventQueue
    queueMessageTimeToLiveInSeconds: -1
  }
}
var toDeadLetters = {
  endpointType: 'StorageBlob'
  properties: {
    resourceId: storageId
    blobContainerName: app.deadLetters
  }
}
var deliveredTo = delivery == 'function' ? {
  destination: toFunction
} : (empty(topicName) ? {
  destination: toQueue
} : {
  deliveryWithResourceIdentity: {
    identity: identity
    destination: toQueue
  }
})
var givenUpTo = empty(topicName) ? {
  deadLetterDestination: toDeadLetters
} : {
  deadLetterWithResourceIdentity: {
    identity: identity
    deadLetterDestination: toDeadLetters
  }
}
var subscriptions = [for operations in events.operations: union(deliveredTo, givenUpTo, {
  eventDeliverySchema: 'EventGridSchema'
  filter: {
    includedEventTypes: events.types
    advancedFilters: [
      {
        operatorType: 'StringBeginsWith'
        key: 'data.operationName'
        values: operations
      }
    ]
  }
  retryPolicy: {
    maxDeliveryAttempts: 30
    eventTimeToLiveInMinutes: 1440
  }
})]

// The name of a custom role is unique in a tenant, so each subscription has its own.
resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [for role in granted: {
  name: guid(subscription().id, role.name)
  properties: {
    roleName: '${role.name} (${subscription().subscriptionId})'
    description: role.description
    type: 'CustomRole'
    permissions: [
      {
        actions: role.actions
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
    assignableScopes: [
      here
    ]
  }
}]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (role, i) in granted: {
  name: guid(subscription().id, botPrincipalId, role.name)
  properties: {
    principalId: botPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: definitions[i].id
  }
}]

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = if (!topicExists && !empty(topicName)) {
  name: topicGroup
  location: location
}

module topic 'modules/topic.bicep' = if (!empty(topicName)) {
  name: 'ha-bot-topic'
  scope: resourceGroup(topicGroup)
  params: {
    name: topicName
    exists: topicExists
    identityId: eventsIdentityId
    subscriptions: subscriptions
  }
  dependsOn: [
    group
  ]
}

resource heard 'Microsoft.EventGrid/eventSubscriptions@2025-02-15' = [for (properties, i) in subscriptions: if (empty(topicName)) {
  name: 'ha-bot-${i}'
  properties: properties
}]
