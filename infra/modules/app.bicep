// The function app on a Flex Consumption plan, its settings and how people sign in to it.

param token string
param location string
param tags object
param zoneRedundant bool
param instanceMemoryMB int
param maximumInstanceCount int
param botIdentityId string
param botClientId string
param storageName string
param vaultUri string
param insightsConnectionString string
param signInClientId string
param slackChannel string
param slackApprovers string
param subscriptions string
param mode string
param rulesOff string
param policyFile string
param chat string
param chatHosts string

var generated = loadJsonContent('../generated/app.json')
var blobServiceUri = 'https://${storageName}.blob.${environment().suffixes.storage}'
var queueServiceUri = 'https://${storageName}.queue.${environment().suffixes.storage}'
var tableServiceUri = 'https://${storageName}.table.${environment().suffixes.storage}'
var armEndpoint = take(environment().resourceManager, length(environment().resourceManager) - 1)

var teamsSettings = contains(chat, 'teams') ? {
  HA_BOT_TEAMS_WEBHOOK_URL: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/teams-webhook-url)'
} : {}

var slackSettings = contains(chat, 'slack') && empty(slackChannel) ? {
  HA_BOT_SLACK_WEBHOOK_URL: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/slack-webhook-url)'
} : {}

var slackBotSettings = contains(chat, 'slack') && !empty(slackChannel) ? {
  HA_BOT_SLACK_BOT_TOKEN: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/slack-bot-token)'
  HA_BOT_SLACK_CHANNEL: slackChannel
} : {}

var slackButtonSettings = empty(slackApprovers) ? {} : {
  HA_BOT_SLACK_APPROVERS: slackApprovers
  HA_BOT_SLACK_SIGNING_SECRET: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/slack-signing-secret)'
}

// People sign in without a secret: the bot's identity vouches for the application (a federated credential). That the
// platform checks who they are the app hears from the platform alone, never from a setting that would outlive it.
var signInSettings = empty(signInClientId) ? {} : {
  HA_BOT_PUBLIC_URL: 'https://${app.properties.defaultHostName}'
  HA_BOT_SIGNING_KEY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/link-signing-key)'
  OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: botClientId
  WEBSITE_AUTH_AAD_ALLOWED_TENANTS: tenant().tenantId
}

resource plan 'Microsoft.Web/serverfarms@2025-05-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-05-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, {
    'azd-service-name': 'bot'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${botIdentityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: botIdentityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobServiceUri}/${generated.package}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: botIdentityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        triggers: {
          http: {
            perInstanceConcurrency: 16
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2025-05-01' = {
  parent: app
  name: 'appsettings'
  properties: union(teamsSettings, slackSettings, slackBotSettings, slackButtonSettings, signInSettings, {
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: botClientId
    AzureWebJobsStorage__accountName: storageName
    AzureWebJobsStorage__blobServiceUri: blobServiceUri
    AzureWebJobsStorage__queueServiceUri: queueServiceUri
    AzureWebJobsStorage__tableServiceUri: tableServiceUri
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${botClientId};Authorization=AAD'
    HA_BOT_CLIENT_ID: botClientId
    HA_BOT_SUBSCRIPTIONS: subscriptions
    HA_BOT_MODE: mode
    HA_BOT_RULES_OFF: rulesOff
    HA_BOT_POLICY: policyFile
    HA_BOT_CHAT_HOSTS: chatHosts
    HA_BOT_DEAD_LETTERS: generated.deadLetters
    HA_BOT_ARM_ENDPOINT: armEndpoint
  })
}

// Anonymous requests pass: Event Grid and scripts have keys of their own, probes need none. Pages for people ask for a sign-in
// themselves, and the platform strips the headers of an identity that it has not checked.
resource signIn 'Microsoft.Web/sites/config@2025-05-01' = if (!empty(signInClientId)) {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: false
      unauthenticatedClientAction: 'AllowAnonymous'
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: signInClientId
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [
            signInClientId
            'api://${signInClientId}'
          ]
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
  dependsOn: [
    settings
  ]
}

resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-05-01' = [for name in [
  'ftp'
  'scm'
]: {
  parent: app
  name: name
  properties: {
    allow: false
  }
}]

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
