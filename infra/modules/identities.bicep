// Two identities: what the bot does, and what Event Grid may write for it (storage.bicep).

param token string
param location string
param tags object

resource bot 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-bot-${token}'
  location: location
  tags: tags
}

resource events 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-events-${token}'
  location: location
  tags: tags
}

output botIdentityId string = bot.id
output botClientId string = bot.properties.clientId
output botPrincipalId string = bot.properties.principalId
output eventsIdentityId string = events.id
output eventsPrincipalId string = events.properties.principalId
