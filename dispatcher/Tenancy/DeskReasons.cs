using System.Globalization;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>Why a call was not dispatched though there may be VMs for it, in words.</summary>
internal static class DeskReasons
{
    public static string Refused(WaitingCall call, string why, long earliestMs)
    {
        TenantAccount tenant = call.Ticket.Tenant;
        string state = call.WaitsFor switch
        {
            RejectCodes.QuotaConcurrency => Text($"{tenant.InFlight} of {tenant.Quota.Concurrency} calls are in flight"),
            RejectCodes.QuotaCores => Text($"its calls in flight use {tenant.Cores:0.##} of {tenant.Quota.Cores:0.##} cores"),
            RejectCodes.QuotaRate => Text($"{1000 / tenant.Quota.IntervalMs:0.##} calls a second are granted, {tenant.Quota.Burst:0.##} at once"),
            _ => "the fleet is full",
        };
        return Text($"tenant {call.Ticket.Invocation.Tenant}: {state}; {why}; expected to fit from {DateTimeOffset.FromUnixTimeMilliseconds(earliestMs):HH:mm:ss.fff} on");
    }

    public static string TooLate(WaitingCall call) => Text($"it would not fit by {DateTimeOffset.FromUnixTimeMilliseconds(call.UntilMs):HH:mm:ss.fff}, the latest that it may");

    public static string Full(TenantAccount tenant) => Text($"{tenant.Quota.Waiting} of its calls wait already");

    public static string Exhausted(in BrokenCall call, FleetState fleet)
    {
        string how = call.Kind switch
        {
            BreakKind.Failed => "failed",
            BreakKind.TimedOut => "was not heard of in time",
            _ => "was lost with its VM",
        };
        return Text($"attempt {call.Ticket.Attempt + 1} of {fleet.Options.Attempts} {how} on {fleet.Vms.Name[call.Vm]}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
