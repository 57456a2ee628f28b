"""Both vendors on this machine: what Twilio and SendGrid take is taken, and reported back signed.

They misbehave when told. For `make up`, tests and benches; the product never imports it.
"""
