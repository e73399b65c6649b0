"""`python -m local chaos`: the app on real parts while everything around it fails, and what it promised nevertheless.

Real here: the app on the functions host, Azurite, the SDKs over HTTP. The simulated Azure and the chat sink fail on
purpose, Event Grid repeats, reorders and delays, the host is killed. What happened is judged by the records of those
who are not the app: the simulated Azure, Azurite and the sink.
"""
