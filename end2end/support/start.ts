import { publish } from "./drydock.js";
import { launch } from "./launch.js";

/** The one Drydock that every file is tried on. */
export default async function start(): Promise<() => Promise<void>> {
  const { stop, ...drydock } = await launch();
  process.env.DRYDOCK_SANDBOX = drydock.sandbox;
  publish(drydock);
  return stop;
}
