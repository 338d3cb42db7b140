package org.bytchat.dht.engine;

import java.util.function.LongConsumer;
import org.bytchat.dht.time.TimerTable;

/**
 * What a node does with records, and in Mainline's dialect with peers and items, beyond keeping
 * those that it holds; and what it asks of services. Made when there is any of it, as many nodes of
 * a laboratory never have one.
 */
final class RecordWork {

  final Operations operations;
  final Publisher publisher;
  final Repairer repairer;
  final RecordCommands commands;
  final MainlineCommands mainline;
  final ServiceCalls.Asking services;

  RecordWork(Operations operations, TimerTable timers, LongConsumer afterCommand) {
    this.operations = operations;
    this.publisher = new Publisher(operations);
    this.repairer = new Repairer(operations, timers);
    this.commands = new RecordCommands(operations, publisher, afterCommand);
    this.services = new ServiceCalls.Asking(operations);
    this.mainline = new MainlineCommands(operations, afterCommand);
  }
}
