// A workspace that is ready for high availability: everything it stands on passes the bot's own rules.
// Deployed once in each region, each naming the other:
// az deployment group create --resource-group rg-ml --template-file infra/workspace/main.bicep \
//   --parameters name=ml secondRegion=northeurope disasterRecoveryWorkspaceId=/subscriptions/…

@description('Short name; it becomes part of the names of everything.')
@minLength(2)
@maxLength(12)
param name string

@description('Region. It should have availability zones.')
param location string = resourceGroup().location

@description('Second region, best the paired one: for a copy of the container images and of new logs. Empty: none.')
param secondRegion string

@description('Resource id of the workspace that takes over when the region is lost; it becomes a tag. Empty: none.')
param disasterRecoveryWorkspaceId string

@description('Region that new logs are also written to, at twice the price. Empty: none.')
param logReplicationLocation string = secondRegion

@description('Keep a copy of the default storage in the paired region as well. Only where the region has one.')
param geoRedundantStorage bool = false

var token = uniqueString(resourceGroup().id, name)
// What every kind of name takes: a storage account and a registry refuse hyphens, and capitals.
var plain = toLower(replace(replace(name, '-', ''), '_', ''))
var tags = {
  environment: 'production'
}
var zonalRegions = loadJsonContent('../generated/zonal-regions.json')
var zonal = contains(zonalRegions, location)

resource logs 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: 'log-${plain}-${token}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 90
    workspaceCapping: {
      dailyQuotaGb: -1
    }
    replication: empty(logReplicationLocation) ? {
      enabled: false
    } : {
      enabled: true
      location: logReplicationLocation
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    IngestionMode: 'LogAnalytics'
  }
}

// Keys stay allowed: a workspace mounts the file shares of its notebooks with them.
resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: 'st${take(plain, 9)}${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: zonal ? (geoRedundantStorage ? 'Standard_GZRS' : 'Standard_ZRS') : (geoRedundantStorage ? 'Standard_GRS' : 'Standard_LRS')
  }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-04-01' = {
  parent: storage
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 14
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 14
    }
  }
}

resource files 'Microsoft.Storage/storageAccounts/fileServices@2026-04-01' = {
  parent: storage
  name: 'default'
  properties: {
    shareDeleteRetentionPolicy: {
      enabled: true
      days: 14
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: 'kv-${take(plain, 7)}-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: 'cr${take(plain, 9)}${token}'
  location: location
  tags: tags
  sku: {
    name: 'Premium'
  }
  properties: {
    adminUserEnabled: false
    zoneRedundancy: zonal ? 'Enabled' : 'Disabled'
  }
}

resource replica 'Microsoft.ContainerRegistry/registries/replications@2025-11-01' = if (!empty(secondRegion)) {
  parent: registry
  name: empty(secondRegion) ? 'none' : secondRegion
  location: secondRegion
  tags: tags
  properties: {
    regionEndpointEnabled: true
    zoneRedundancy: contains(zonalRegions, secondRegion) ? 'Enabled' : 'Disabled'
  }
}

resource workspace 'Microsoft.MachineLearningServices/workspaces@2026-05-01' = {
  name: 'mlw-${name}'
  location: location
  tags: empty(disasterRecoveryWorkspaceId) ? tags : union(tags, {
    'ha-bot-dr-workspace': disasterRecoveryWorkspaceId
  })
  kind: 'Default'
  sku: {
    name: 'Basic'
    tier: 'Basic'
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    friendlyName: name
    storageAccount: storage.id
    keyVault: vault.id
    applicationInsights: insights.id
    containerRegistry: registry.id
  }
  dependsOn: [
    blobs
    files
  ]
}

output workspaceId string = workspace.id
