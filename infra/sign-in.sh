#!/usr/bin/env bash
# Makes the Entra application that people sign in with to approve plans, and tells the app of it: once, after `azd up`,
# by somebody who may register applications. It needs no secret: the bot's identity vouches for it. It can be run again.
set -euo pipefail
cd "$(dirname "$0")/.."
eval "$(azd env get-values)"

name="HA Remediation Bot ($AZURE_ENV_NAME)"
tenant=$(az account show --query tenantId --output tsv)
client=$(az ad app list --filter "displayName eq '$name'" --query '[0].appId' --output tsv)
if [ -z "$client" ]; then
  client=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
fi
az ad app update --id "$client" --app-roles @infra/app-roles.json --enable-id-token-issuance true \
  --web-redirect-uris "$HA_BOT_APP_URL/.auth/login/aad/callback"

if [ -z "$(az ad app federated-credential list --id "$client" --query "[?name=='ha-bot'].name" --output tsv)" ]; then
  az ad app federated-credential create --id "$client" --parameters "{
    \"name\": \"ha-bot\",
    \"issuer\": \"https://login.microsoftonline.com/$tenant/v2.0\",
    \"subject\": \"$HA_BOT_PRINCIPAL_ID\",
    \"audiences\": [\"api://AzureADTokenExchange\"]
  }"
fi

# Only who was given the role may sign in at all.
az ad sp show --id "$client" --output none 2>/dev/null || az ad sp create --id "$client" --output none
az ad sp update --id "$client" --set appRoleAssignmentRequired=true

# The key that signs links to plans goes into the vault and nowhere else, once: a new one would end all links.
key=
if [ -z "${HA_BOT_SIGN_IN_CLIENT_ID:-}" ]; then
  key=$(openssl rand -base64 48)
fi
HA_BOT_SIGN_IN_CLIENT_ID="$client" HA_BOT_SIGNING_KEY="$key" azd provision --no-state
azd env set HA_BOT_SIGN_IN_CLIENT_ID "$client"
echo "Now give people the role Approver: Entra admin center, Enterprise applications, $name, Users and groups."
