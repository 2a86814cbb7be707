"""Pushes FILE as the policy artifact and pulls it into FOLDER: oras_policy.py FILE FOLDER.

Signs in as Azure's clients do: a token of Entra becomes a refresh token of the registry, which is
the password of the zero GUID.
"""

import os
import sys

import oras.client
import requests

ZERO = "00000000-0000-0000-0000-000000000000"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def post(url, **form):
    answer = requests.post(url, data=form, timeout=30)
    answer.raise_for_status()
    return answer.json()


def refresh_token(server):
    base, tenant = os.environ["DRYDOCK_SANDBOX_URL"], os.environ["AZURE_TENANT_ID"]
    entra = post(f"{base}/{tenant}/oauth2/v2.0/token", grant_type="client_credentials",
                 client_id=os.environ["AZURE_CLIENT_ID"],
                 client_secret=os.environ["AZURE_CLIENT_SECRET"],
                 scope="https://containerregistry.azure.net/.default")
    exchanged = post(f"https://{server}/oauth2/exchange", grant_type="access_token",
                     service=server, tenant=tenant, access_token=entra["access_token"])
    return exchanged["refresh_token"]


def main(policy, folder):
    server = os.environ["DRYDOCK_LOGIN_SERVER"]
    target = f"{server}/csscpolicies/patchpolicy:v1"
    client = oras.client.OrasClient(hostname=server)
    client.login(username=ZERO, password=refresh_token(server), hostname=server)
    client.push(target=target, files=[f"{policy}:{LAYER}"])
    client.pull(target=target, outdir=folder)


main(*sys.argv[1:])
