"""DroneVehicle (VisDrone), infrared images."""
