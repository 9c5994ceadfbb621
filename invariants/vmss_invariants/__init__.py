"""What always holds in the model, how surely that is known, and the command line `vmss-oracle`.

The model itself is `vmss_model`; it needs nothing of this package. Importing this package is cheap: the
libraries for testing and proving are loaded by the modules that use them.
"""
