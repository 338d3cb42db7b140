package org.bytchat.tracker.cli;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;

/** Serves metrics of the node and its JVM on the loopback address. */
final class MetricsServer implements AutoCloseable {

  private final PrometheusRegistry registry;
  private final HTTPServer server;

  private MetricsServer(PrometheusRegistry registry, HTTPServer server) {
    this.registry = registry;
    this.server = server;
  }

  /**
   * Opens the port.
   *
   * @param port 0 for any
   * @throws CommandFailure if it cannot be opened
   */
  static MetricsServer open(int port) {
    PrometheusRegistry registry = new PrometheusRegistry();
    JvmMetrics.builder().register(registry);
    try {
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      HTTPServer server =
          HTTPServer.builder().inetAddress(loopback).port(port).registry(registry).buildAndStart();
      return new MetricsServer(registry, server);
    } catch (BindException e) {
      throw new CommandFailure(
          ExitCode.REFUSED,
          "metrics port 127.0.0.1:"
              + port
              + " cannot be bound ("
              + e.getMessage()
              + "): stop the program that uses it, or choose another with --metrics-port",
          e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.REFUSED, "metrics port " + port + " cannot be opened: " + e.getMessage(), e);
    }
  }

  /** Adds metrics to those of the JVM. */
  void add(MultiCollector collector) {
    registry.register(collector);
  }

  /** Where the metrics are. */
  String url() {
    return "http://127.0.0.1:" + server.getPort() + "/metrics";
  }

  @Override
  public void close() {
    server.close();
  }
}
