"""Light anatomy finding on imported images: each finder says how sure it is."""
