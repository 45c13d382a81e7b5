"""The house itself: settings, servers, the demo. It knows every app and is known by none."""
