"""The recovery drill: sessions made, killed, damaged and brought back on a running system."""
