using System.Globalization;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>Why a call went where it went, or nowhere, in words.</summary>
internal static class Reasons
{
    private const double Mebibyte = 1 << 20;

    public static string OfDispatch(CallTicket ticket, FleetState fleet, Choice choice, int chosen)
    {
        string of = chosen == 0 ? $"best of {choice.Considered}" : $"number {chosen + 1} of {choice.Considered}";
        string retry = ticket.IsRetry ? $"attempt {ticket.Attempt + 1}, the one before on {ticket.FailedVm} of community {ticket.FailedCommunity} broke off; " : "";
        return $"{retry}{of}: {Describe(choice.Best[chosen], fleet)}; {Signals(choice)}";
    }

    public static string OfRejection(in CallRequest call, FleetState fleet, Choice choice) => choice.RejectCode switch
    {
        RejectCodes.NoFleet => NoFleet(fleet),
        RejectCodes.NoMemory => NoMemory(call, fleet),
        RejectCodes.Deadline => Text($"no VM is expected to finish within {call.DeadlineS:0.###} s; earliest of {choice.Considered}: ") + $"{Describe(choice.Best[0], fleet)}; {Signals(choice)}",
        _ => choice.RejectCode ?? "",
    };

    private static string Describe(in VmOption option, FleetState fleet) => Text(
        $"{fleet.Vms.Name[option.Vm]} in {option.CostS:0.###} s, {(option.Warm ? "warm" : "cold")}, {option.InFlight} in flight, {option.FreeShare:0.##} of {fleet.Vms.Cores[option.Vm]:0.##} cores free");

    private static string Signals(Choice choice)
    {
        int predicted = choice.OfRung(SignalRung.Prediction), last = choice.OfRung(SignalRung.LastUtilization), none = choice.OfRung(SignalRung.InFlightAndWarm), alone = choice.OfRung(SignalRung.Feedback);
        if (predicted == choice.Considered) return "all by prediction";
        return $"by prediction {predicted}, by last own utilisation (prediction missing or too old) {last}, by completions alone {alone}, by calls in flight and warm containers only {none}";
    }

    private static string NoFleet(FleetState fleet) => fleet.Vms.Count == 0
        ? "no VM is known yet"
        : Text($"of {fleet.Vms.Count} VMs heard of, none has known cores and gave a sign of life within {fleet.Options.VmTimeout.TotalMinutes:0.#} min of its cell's newest prediction");

    private static string NoMemory(in CallRequest call, FleetState fleet)
    {
        VmTable vms = fleet.Vms;
        int most = vms.Live[0];
        foreach (int vm in vms.Live)
            if (vms.FreeBytes(vm) > vms.FreeBytes(most)) most = vm;
        return Text($"{call.MemoryBytes / Mebibyte:0.#} MiB are wanted; of {vms.LiveCount} VMs {vms.Name[most]} has most left: {vms.FreeBytes(most) / Mebibyte:0.#} of {vms.MemoryBytes[most] / Mebibyte:0.#} MiB");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
