"""The messages of DTC, one frozen class each; all but base.py written by `services.dtc.generate`."""
