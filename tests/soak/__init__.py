"""The whole system under load while its parts are killed, judged by a referee outside it."""
