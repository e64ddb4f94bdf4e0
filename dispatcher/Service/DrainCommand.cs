using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary><c>dispatcher drain</c>: VMs that are to be emptied.</summary>
internal static class DrainCommand
{
    public static Command Create()
    {
        ServiceOptions service = new();
        Argument<string[]> vms = new("VM") { Description = "Names of VMs, as in their predictions", Arity = ArgumentArity.OneOrMore };
        Option<bool> end = new("--end") { Description = "They get calls again" };
        Option<string> reason = new("--reason") { Description = "In words, for people", DefaultValueFactory = _ => "", HelpName = "TEXT" };
        Command command = new("drain", "Empties VMs: dispatchers send them no more calls at once, and those that run there end as they would. It holds until it is ended.");
        service.AddConnectionTo(command);
        command.Add(vms);
        command.Add(end);
        command.Add(reason);
        command.SetAction(async (parsed, cancel) =>
        {
            VmDrain[] drains = [.. parsed.GetValue(vms)!.Select(vm => Checked(new VmDrain { Vm = vm, Draining = !parsed.GetValue(end), Reason = parsed.GetValue(reason)! }))];
            KafkaConnection kafka = service.Connection(parsed);
            await TopicSetup.EnsureAsync(kafka, cancel);
            await TopicPublisher.PublishAsync(kafka, Topics.VmDrains, drains.Select(d => (d.Vm, d)), cancel);
            Console.WriteLine($"{string.Join(", ", drains.Select(d => d.Vm))}: {(parsed.GetValue(end) ? "calls again" : "no more calls")}");
        });
        return command;
    }

    private static VmDrain Checked(VmDrain drain) => Topics.VmDrains.Validate(drain, new RecordContext(drain.Vm, 0)) is { } wrong ? throw new UserException(wrong) : drain;
}
