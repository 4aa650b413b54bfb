// SPDX-License-Identifier: Apache-2.0
// For tests: a token that keeps 10 basis points of every transfer. With `lies` its log names the amount sent, not the
// amount that arrived, so that only a look at the balance tells the truth.
pragma solidity ^0.8.20;

contract FeeToken {
    string public constant name = "Tether USD";
    string public constant symbol = "USDT";
    uint8 public immutable decimals;
    bool public immutable lies;
    address public immutable owner;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply, uint8 decimals_, bool lies_) {
        owner = msg.sender;
        decimals = decimals_;
        lies = lies_;
        balanceOf[msg.sender] = supply;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(balanceOf[msg.sender] >= value, "balance too small");
        uint256 fee = value / 1_000;
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value - fee;
        balanceOf[owner] += fee;
        emit Transfer(msg.sender, to, lies ? value : value - fee);
        return true;
    }
}
