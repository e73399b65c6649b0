// What Azure Resource Manager tells of one subscription, and who hears of it.

param name string
param exists bool
param identityId string

@description('Properties of an event subscription each.')
param subscriptions array

resource made 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (!exists) {
  name: name
  location: 'global'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    source: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: name
}

resource heard 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [for (properties, i) in subscriptions: {
  parent: topic
  name: 'ha-bot-${i}'
  properties: properties
  dependsOn: [
    made
  ]
}]
